// Phone photos are 3 to 8 MB; what a clerk needs to read fits into half a megabyte.
const ENOUGH = 500 * 1024;
const LONGEST = 2400;

export async function shrink(file) {
  if (file.size <= ENOUGH || !/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    for (const [longest, quality] of [
      [LONGEST, 0.82],
      [2000, 0.72],
      [1600, 0.65],
      [1280, 0.6],
    ]) {
      const blob = await drawn(picture, longest, quality);
      if (blob && blob.size <= ENOUGH) return blob;
    }
    return (await drawn(picture, 1280, 0.5)) ?? file;
  } catch {
    return file; // not a picture this browser can open: the server decides
  }
}

function drawn(picture, longest, quality) {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const paper = canvas.getContext("2d");
  paper.fillStyle = "#fff"; // transparent screenshots would turn black in JPEG
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}
