// Builds src/ into dist/: hashed files plus manifest.json (plain name → hashed name).
// Needs nothing but the packages of package.json; run with `npm run build`.
import { createHash } from "node:crypto";
import { chmod, cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import postcss from "postcss";
import { PurgeCSS } from "purgecss";

const here = path.dirname(fileURLToPath(import.meta.url));
const at = (...parts) => path.join(here, ...parts);
const made = await mkdtemp(at(".dist-")); // becomes dist/ when all of it is there
const out = (name) => path.join(made, name);
const TEMPLATES = path.join(here, "..");
const TARGET = ["chrome80", "safari15"]; // old Android webviews are common on cheap phones
const ROOT_PX = 17;

const manifest = {};

async function emit(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const { name: stem, ext } = path.parse(name);
  const hashed = `${stem}.${hash}${ext}`;
  await writeFile(out(hashed), content);
  manifest[name] = hashed;
}

// ---- style sheets ---------------------------------------------------------

// WeUI brings its own colours for three themes and a px scale; we keep its shapes only,
// take colours from tokens.css and let sizes follow the root font size.
const adaptWeui = {
  postcssPlugin: "adapt-weui",
  Declaration(node) {
    if (node.prop.startsWith("--weui-")) node.remove();
    else if (
      /\dpx/.test(node.value) &&
      !/^(border|outline|clip)/.test(node.prop) &&
      !node.value.includes("calc(")
    ) {
      node.value = node.value.replace(/(-?[\d.]+)px/g, (whole, px) =>
        Math.abs(px) <= 1 ? whole : `${+(px / ROOT_PX).toFixed(4)}rem`,
      );
    }
  },
  OnceExit(root) {
    root.walkRules((rule) => {
      if (!rule.nodes.some((node) => node.type === "decl")) rule.remove();
    });
  },
};

// A rule for data-theme="dark" also holds for "auto" when the system is dark.
const darkTwins = {
  postcssPlugin: "dark-twins",
  Once(root) {
    root.walkRules(/\[data-theme="?dark"?\]/, (rule) => {
      const twin = rule.clone({ selector: rule.selector.replace(/data-theme="?dark"?/g, 'data-theme="auto"') });
      const media = postcss.atRule({ name: "media", params: "(prefers-color-scheme: dark)" });
      media.append(twin);
      rule.after(media);
    });
  },
};

async function templateSources() {
  const entries = await readdir(TEMPLATES, { recursive: true });
  const files = entries.filter((entry) => entry.endsWith(".html") && !entry.startsWith("assets"));
  return Promise.all(files.map((file) => readFile(path.join(TEMPLATES, file), "utf8")));
}

async function weuiSubset() {
  const source = await readFile(at("node_modules/weui/dist/style/weui.css"), "utf8");
  const content = (await templateSources()).map((raw) => ({ raw, extension: "html" }));
  const [{ css }] = await new PurgeCSS().purge({ content, css: [{ raw: source }], keyframes: true });
  return (await postcss([adaptWeui]).process(css, { from: undefined })).css;
}

async function buildStyles() {
  const subset = await weuiSubset();
  const weui = {
    name: "weui",
    setup(build) {
      build.onResolve({ filter: /^weui$/ }, () => ({ path: "weui", namespace: "weui" }));
      build.onLoad({ filter: /.*/, namespace: "weui" }, () => ({ contents: subset, loader: "css" }));
    },
  };
  for (const name of ["portal.css", "desk.css", "document.css", "api-docs.css"]) {
    const bundled = await esbuild.build({
      entryPoints: [at("src", name)],
      bundle: true,
      write: false,
      target: TARGET,
      plugins: [weui],
    });
    const themed = await postcss([darkTwins]).process(bundled.outputFiles[0].text, { from: undefined });
    const { code } = await esbuild.transform(themed.css, { loader: "css", minify: true, target: TARGET });
    await emit(name, code);
  }
}

// ---- icons ----------------------------------------------------------------

async function buildIcons() {
  const chosen = JSON.parse(await readFile(at("src", "icons.json"), "utf8"));
  for (const source of await templateSources()) {
    for (const [, name] of source.matchAll(/\bicon\("([a-z-]+)"/g)) {
      if (!chosen[name])
        throw new Error(`a template asks for the icon "${name}", which src/icons.json does not name`);
    }
  }
  const symbols = await Promise.all(
    Object.entries(chosen).map(async ([name, lucide]) => {
      const svg = await readFile(at("node_modules/lucide-static/icons", `${lucide}.svg`), "utf8");
      const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
      return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s+/g, " ").replace(/> </g, "><").trim()}</symbol>`;
    }),
  );
  await emit("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
  await emit("favicon.svg", await readFile(at("src", "favicon.svg")));
}

// ---- scripts --------------------------------------------------------------

// The portal splits htmx off, because few of its pages need it; the desk always does. A till's is whole, to be kept for the time without network.
async function buildScripts() {
  await bundle(["portal.js", "api-docs.js"], true);
  await bundle(["desk.js", "till.js"], false);
}

async function bundle(names, splitting) {
  const result = await esbuild.build({
    absWorkingDir: here,
    entryPoints: names.map((name) => `src/${name}`),
    bundle: true,
    minify: true,
    splitting,
    format: "esm",
    target: TARGET,
    outdir: made,
    entryNames: "[name].[hash]",
    chunkNames: "chunk.[hash]",
    metafile: true,
    legalComments: "none",
    logOverride: { "direct-eval": "silent" }, // htmx keeps an eval that our configuration turns off
  });
  for (const [file, { entryPoint }] of Object.entries(result.metafile.outputs)) {
    if (entryPoint?.startsWith("src/")) manifest[path.basename(entryPoint)] = path.basename(file);
  }
}

// Runs last: its text names the files to keep, so a new build is a new worker.
async function buildServiceWorker() {
  const keep = ["portal.css", "portal.js", "icons.svg", "favicon.svg"].map((name) => manifest[name]);
  const { outputFiles } = await esbuild.build({
    entryPoints: [at("src", "sw.js")],
    bundle: true,
    minify: true,
    write: false,
    target: TARGET,
    define: { KEPT_ASSETS: JSON.stringify(keep) },
  });
  await writeFile(out("sw.js"), outputFiles[0].contents);
}

async function copySwagger() {
  const folder = at("node_modules/swagger-ui-dist");
  for (const name of ["swagger-ui.css", "swagger-ui-bundle.js"]) {
    await emit(name, await readFile(path.join(folder, name)));
  }
}

try {
  await Promise.all([buildStyles(), buildIcons(), buildScripts(), copySwagger()]);
  await buildServiceWorker();
  await cp(at("src", "app.webmanifest"), out("app.webmanifest"));
  await writeFile(out("manifest.json"), JSON.stringify(manifest, Object.keys(manifest).sort(), 2) + "\n");
  await chmod(made, 0o755);
  await rm(at("dist"), { recursive: true, force: true });
  await rename(made, at("dist"));
} catch (problem) {
  await rm(made, { recursive: true, force: true });
  throw problem;
}
