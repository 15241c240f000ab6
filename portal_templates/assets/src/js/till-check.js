// Whether a scanned voucher may be taken without asking the server. The same rules decide there again.
import { verifyAsync } from "@noble/ed25519";
import { today } from "./till-store.js";

const DRIFT = 30;
const MOST_FEN = 100000000;

export const yuan = (fen) => (fen / 100).toFixed(2);

export function fenOf(text) {
  const found = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim().replace(/^[¥￥]/, ""));
  return found ? Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0")) : null;
}

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

async function isSigned(said, signature, key) {
  try {
    return await verifyAsync(bytes(signature), new TextEncoder().encode(said), bytes(key));
  } catch {
    return false;
  }
}

// `{wrong: {field: words}}`, or `{item}` with what there is to keep.
export async function check({ code, amount, receipt }, { terms, waiting, left, now = Date.now() }) {
  const wrong = {};
  const amount_fen = fenOf(amount);
  if (!amount_fen || amount_fen > MOST_FEN) wrong.amount = "请填写大于 0 的金额，最多两位小数。";
  const receipt_no = receipt.trim();
  if (!receipt_no) wrong.receipt_no = "请填写小票号。";
  else if (waiting.some((item) => item.receipt_no === receipt_no))
    wrong.receipt_no = `小票号 ${receipt_no} 已经用在等待同步的一笔上，请核对。`;
  const parts = code.trim().split(".");
  const [, voucher, campaign, ends, signature] = parts;
  const offer = terms.offers.find((one) => one.campaign_id === campaign);
  const said = parts.slice(0, 4).join(".");
  const seen = now / 1000;
  if (parts.length !== 5 || parts[0] !== "V1")
    wrong.code = "没有网络时只能扫会员手机上的二维码，输入的券码要等有网络再核销。";
  else if (!(await isSigned(said, signature, terms.public_key))) wrong.code = "这不是本县工会的券，不能收。";
  else if (seen > Number(ends) + DRIFT) wrong.code = "二维码已过期，请会员刷新后再扫一次。";
  else if (seen < Number(ends) - terms.scan_seconds - DRIFT) wrong.code = "这台手机的时间不对，请校准以后再扫。";
  else if (waiting.some((item) => item.voucher === voucher)) wrong.code = "这张券刚才已经收过了。";
  else if (!offer || offer.valid_until < today(now))
    wrong.code = "没有存到这张券的规则，可能不在本店使用。请等有网络再核销。";
  else if (!wrong.amount && amount_fen < offer.least_fen)
    wrong.amount = `这张券要消费满 ${yuan(offer.least_fen)} 元才能用。`;
  else if (offer.worth_fen > left) wrong.code = `今天断网核销的额度还剩 ${yuan(left)} 元，不够收这张券。`;
  if (Object.keys(wrong).length) return { wrong };
  const { name, worth_fen } = offer;
  return { item: { code: code.trim(), voucher, name, worth_fen, amount_fen, receipt_no, at: now, shop_id: terms.shop_id } };
}
