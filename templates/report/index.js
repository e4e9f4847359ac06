// Leaves only the clients whose text holds every word of the box; a failed report is told whatever is looked for.
const box = document.querySelector("#filter");
const told = document.querySelector("#found");
const sections = [...document.querySelectorAll("section[data-client]")];
const texts = sections.map((section) => section.textContent.toLowerCase());
document.querySelector(".filter").hidden = false;
box.addEventListener("input", () => {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  sections.forEach((section, place) => {
    section.hidden = !words.every((word) => texts[place].includes(word));
    found += section.hidden ? 0 : 1;
  });
  told.textContent = words.length ? `${found} / ${sections.length}` : "";
});
