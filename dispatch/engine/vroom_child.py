"""Run the VROOM program of the pyvroom wheel: `python vroom_child.py <VROOM's own arguments>`.

A program of its own because VROOM holds the interpreter lock for the whole solve; only a process can be stopped.
The extension is loaded without its Python package, which would import pandas (seconds) for nothing.
"""

import importlib.util
import sys
from importlib.machinery import ExtensionFileLoader
from pathlib import Path


def main() -> None:
    """Hand the arguments over."""
    package = importlib.util.find_spec("vroom")
    if package is None or not package.submodule_search_locations:
        sys.exit("pyvroom is not installed")
    library = next(Path(package.submodule_search_locations[0]).glob("_vroom*.so"))
    loader = ExtensionFileLoader("vroom._vroom", str(library))
    spec = importlib.util.spec_from_loader("vroom._vroom", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    module._main(sys.argv)


if __name__ == "__main__":
    main()
