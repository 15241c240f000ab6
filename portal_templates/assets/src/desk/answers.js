// Answers to htmx that are not the fragment it asked for.

function tell(sentence) {
  const words = document.createElement("p");
  words.className = "toast";
  words.setAttribute("role", "alert");
  words.textContent = sentence;
  document.body.append(words);
  setTimeout(() => words.remove(), 8000);
}

// Signed out meanwhile: the answer is the sign-in page, and belongs in the whole window.
document.addEventListener("htmx:beforeSwap", (event) => {
  const asked = new URL(event.detail.requestConfig.path, location.href);
  const got = new URL(event.detail.xhr.responseURL || asked, location.href);
  if (got.pathname === asked.pathname) return;
  event.detail.shouldSwap = false;
  location.assign(got);
});

// A page that cannot be shown is opened as the page it is; an act that failed says why.
document.addEventListener("htmx:responseError", (event) => {
  const request = event.detail.requestConfig;
  if (request.verb === "get") {
    location.assign(request.path);
    return;
  }
  const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  tell(page.querySelector(".weui-msg__desc")?.textContent.trim() || "没有办成，请刷新页面再试。");
});

document.addEventListener("htmx:sendError", () => tell("网络断了，请检查后再试。"));
