// A button that may be pressed again after some seconds.
export function startCountdowns(page) {
  for (const button of page.querySelectorAll("[data-countdown]")) run(button);
}

function run(button) {
  const ready = button.textContent;
  const end = Date.now() + Number(button.dataset.countdown) * 1000;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? `${left} ${button.dataset.countdownText}` : ready;
    if (left <= 0 || !button.isConnected) clearInterval(timer);
  };
  const timer = setInterval(tick, 1000);
  tick();
}
