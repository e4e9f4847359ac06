// Leaves only the clients whose text holds every word of the box, and opens the list of people where one stands in it.
// What was not delivered is told whatever is looked for.
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
    section.querySelectorAll("details").forEach((people) => {
      people.open = words.some((word) => people.textContent.toLowerCase().includes(word));
    });
  });
  told.textContent = words.length ? `${found} / ${sections.length}` : "";
});
