// Bundles the browser libraries of package-lock.json, one file for a library, into the folder named first.
// The pages load nothing from outside: what is served comes from here. A library is added by one line in BUNDLES.
import { build } from "esbuild";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const target = process.argv[2];
if (!target) throw new Error("usage: node tools/bundle.mjs FOLDER");

// file written: [entry, format]; "copy" takes a file that is already made for the browser as it is.
const BUNDLES = {
  "htmx.min.js": ["htmx.org/dist/htmx.min.js", "copy"],
  "decimal.mjs": ["decimal.js", "esm"],
  "tom-select.js": ["tom-select/dist/js/tom-select.complete.min.js", "copy"],
  "tom-select.css": ["tom-select/dist/css/tom-select.css", "css"],
};

async function write(file, [entry, format]) {
  const outfile = join(target, file);
  if (format === "copy") {
    // A source map named but not served would only make the browser ask for it in vain.
    const text = await readFile(join("node_modules", entry), "utf8");
    await writeFile(outfile, text.replace(/^\/\/# sourceMappingURL=.*$/m, ""));
    return;
  }
  const source = format === "css" ? `@import "${entry}";` : `export * from "${entry}"; export { default } from "${entry}";`;
  await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: format === "css" ? "css" : "js" },
    bundle: true,
    minify: true,
    format: format === "css" ? undefined : "esm",
    target: "es2022",
    legalComments: "inline",
    outfile,
    logLevel: "warning",
  });
}

await mkdir(target, { recursive: true });
await Promise.all(Object.entries(BUNDLES).map(([file, recipe]) => write(file, recipe)));
