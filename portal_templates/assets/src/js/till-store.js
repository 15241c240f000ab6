// What a till keeps on its phone: the terms it may go on with, what it took without a connection, and what was
// refused afterwards. It survives signing out, because the shop is owed what it took.
const TERMS = "till:terms";
const WAITING = "till:waiting";
const REFUSED = "till:refused";
const MOST = 200;

const read = (key, otherwise) => {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
};
const write = (key, value) => localStorage.setItem(key, JSON.stringify(value));

// The day in China.
export const today = (at = Date.now()) => new Date(at + 8 * 3600 * 1000).toISOString().slice(0, 10);
export const terms = () => read(TERMS, null);
export const waiting = () => read(WAITING, []);
export const refused = () => read(REFUSED, []);

// What may still be taken today: what the server said, without what has not been told to it.
export function leftFen() {
  const known = terms();
  const mine = waiting().filter((item) => item.shop_id === known.shop_id && today(item.at) === today());
  const before = known.day === today() ? known.left_fen : known.limit_fen;
  return Math.max(0, before - mine.reduce((sum, item) => sum + item.worth_fen, 0));
}

// Throws when there is no room for it: then it was not taken.
export function keep(item) {
  write(WAITING, [...waiting(), item]);
}

export function forget(receipt) {
  write(REFUSED, refused().filter((item) => item.receipt_no !== receipt));
}

export async function renewTerms() {
  const answer = await fetch("/api/v1/merchant/offline");
  if (answer.ok) write(TERMS, { ...(await answer.json()), day: today() });
  return answer.status;
}

// Tells the server what was taken here. Answers how many were booked, or the status that stopped it.
export async function sync() {
  let booked = 0;
  for (;;) {
    const items = waiting().filter((item) => item.shop_id === terms()?.shop_id).slice(0, MOST);
    if (!items.length) return { booked };
    const sent = items.map(({ code, amount_fen, receipt_no, at }) => ({
      code,
      amount_fen,
      receipt_no,
      scanned_at: new Date(at).toISOString(),
    }));
    const answer = await fetch("/api/v1/merchant/offline/redemptions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ items: sent }),
    });
    if (!answer.ok) return { booked, status: answer.status };
    const told = await answer.json();
    booked += told.accepted;
    settle(items, told.items);
  }
}

function settle(items, answers) {
  const sent = new Set(items.map((item) => item.code));
  const bad = items.flatMap((item, at) => (answers[at].accepted ? [] : [{ ...item, why: answers[at].detail }]));
  write(REFUSED, [...refused(), ...bad]);
  write(WAITING, waiting().filter((item) => !sent.has(item.code)));
}
