// Bundles the browser libraries of package-lock.json, one file for a library, into the folder named first.
// The pages load nothing from outside: what is served comes from here. A library is added by one line in BUNDLES.
import { build } from "esbuild";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const target = process.argv[2];
if (!target) throw new Error("usage: node tools/bundle.mjs FOLDER");

// file written: [entry, format]; "copy" takes a file that is already made for the browser as it is, "source" bundles
// what a module of tools/ takes from a library, so that the rest of it stays out.
const BUNDLES = {
  "htmx.min.js": ["htmx.org/dist/htmx.min.js", "copy"],
  "decimal.mjs": ["decimal.js", "esm"],
  "charts.mjs": ["./tools/charts.entry.mjs", "source"],
  "pinyin.mjs": ["simple-keyboard-layouts/build/layouts/chinese.js", "esm"],
};

async function write(file, [entry, format]) {
  const outfile = join(target, file);
  if (format === "copy") {
    // A source map named but not served would only make the browser ask for it in vain.
    const text = await readFile(join("node_modules", entry), "utf8");
    await writeFile(outfile, text.replace(/^\/\/# sourceMappingURL=.*$/m, ""));
    return;
  }
  const whole = format === "source" ? "" : `export { default } from "${entry}";`;
  await build({
    stdin: { contents: `export * from "${entry}"; ${whole}`, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "inline",
    outfile,
    logLevel: "warning",
  });
}

await mkdir(target, { recursive: true });
await Promise.all(Object.entries(BUNDLES).map(([file, recipe]) => write(file, recipe)));
