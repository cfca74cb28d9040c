// Uploads one file with the stock client: `node upload.mjs '{"endpoint", "token", "file", "metadata", "chunkSize"}'`.
// Prints the address of the upload, or fails with the client's own error.
import { readFile } from "node:fs/promises";
import { Upload } from "tus-js-client";

const order = JSON.parse(process.argv[2]);
const bytes = await readFile(order.file);

await new Promise((resolve, reject) => {
  const upload = new Upload(bytes, {
    endpoint: order.endpoint,
    headers: { Authorization: `Bearer ${order.token}` },
    metadata: order.metadata,
    chunkSize: order.chunkSize,
    retryDelays: Array(40).fill(20),
    onError: reject,
    onSuccess: () => {
      console.log(upload.url);
      resolve();
    },
  });
  upload.start();
});
