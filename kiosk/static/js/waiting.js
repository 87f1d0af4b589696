// The page that stands in while there is no service: it asks again and again, and goes to the kiosk once it answers.
import { answers } from "./watch.js";

const { back, status } = document.body.dataset;
setInterval(async () => {
  if (await answers(status)) location.replace(back);
}, 2_000);
