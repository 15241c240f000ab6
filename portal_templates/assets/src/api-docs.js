// Swagger UI on our own page; the bundle comes first and defines the global.
const docs = document.querySelector("#docs");
window.SwaggerUIBundle({ url: docs.dataset.document, domNode: docs, onComplete: nameLandmarks });

// What readers of the outline miss in Swagger's own markup.
function nameLandmarks() {
  const set = (selector, name, value) => {
    for (const node of docs.querySelectorAll(selector)) node.setAttribute(name, value);
  };
  set(".information-container", "role", "banner");
  set(".scheme-container", "role", "region");
  set(".scheme-container", "aria-label", "服务器与授权");
  set("#servers", "aria-label", "服务器");
  set("h3.opblock-tag, section.models h4", "aria-level", "2");
}
