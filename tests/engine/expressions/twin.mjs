// Evaluates checked trees in the browser twin: reads { modules, cases: [{ node, env, codes }] }, writes results as JSON.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { twin, decimal, cases } = JSON.parse(readFileSync(0, "utf8"));
const { evaluate } = await import(pathToFileURL(twin));
const { default: Decimal } = await import(pathToFileURL(decimal));

function plain(found) {
  if (found === null || found === undefined) return null;
  if (Array.isArray(found)) return found.map(plain);
  if (typeof found?.toFixed === "function" && typeof found !== "number") return { number: found.toFixed() };
  if (typeof found === "object" && "working_days" in found) {
    return { months: found.months, seconds: found.seconds.toFixed(), working_days: found.working_days };
  }
  return found;
}

function linked(env, codes) {
  if (!env) return null;
  const code = (list, key, column) => codes[list]?.[key]?.[column] ?? null;
  return { ...env, up: linked(env.up, codes), code };
}

const results = cases.map(({ node, env, codes }) => {
  try {
    return { value: plain(evaluate(node, linked(env, codes), Decimal)) };
  } catch (error) {
    return { error: `${error.name}: ${error.message}`, bound: error.bound };
  }
});
process.stdout.write(JSON.stringify(results));
