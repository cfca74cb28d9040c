"""How good the plans of dispatch are, beside public solvers on the same problems in one run."""
