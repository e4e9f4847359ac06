// The reader's language; all stand in the page where no script runs.
const spoken = [...document.querySelectorAll("[data-to]")];
const speak = ({ dataset: { to: language, tag } }) => {
  document.body.classList.remove(...spoken.map((button) => button.dataset.to));
  document.body.classList.add(language);
  document.documentElement.lang = tag;
  document.querySelectorAll("a[href*=whatif]").forEach((page) => { page.hash = language; });
  document.title = document.querySelector(`h1 [lang=${language}]`).textContent;
};
const says = (code) => spoken.find((button) => code.toLowerCase().startsWith(button.dataset.to));
speak(says(navigator.language) ?? says("en"));
document.querySelector(".language").hidden = false;
spoken.forEach((button) => button.addEventListener("click", () => speak(button)));

// Leaves only the clients whose text holds every word of the box, and of their people those in whom one stands.
// What was not delivered is told whatever is looked for.
const box = document.querySelector("#filter");
const told = document.querySelector("#found");
const clients = [...document.querySelectorAll("[data-client]")];
const ids = (part) => [...part.querySelectorAll("[data-id]")].map((inner) => inner.dataset.id);
const textOf = (part) => [part.textContent, part.dataset.id, ...ids(part)].join(" ").toLowerCase();
const texts = clients.map(textOf);
document.querySelector(".filter").hidden = !clients.length;
box.addEventListener("input", () => {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  clients.forEach((client, place) => {
    client.hidden = !words.every((word) => texts[place].includes(word));
    found += client.hidden ? 0 : 1;
    const rows = [...client.querySelectorAll(".person")];
    const named = rows.filter((row) => words.some((word) => textOf(row).includes(word)));
    rows.forEach((row) => { row.hidden = named.length > 0 && !named.includes(row); });
    client.querySelectorAll("details").forEach((people) => {
      people.open = named.some((row) => people.contains(row));
    });
  });
  told.textContent = words.length ? `${found} / ${clients.length}` : "";
});
