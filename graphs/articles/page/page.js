(() => {
  const panel = document.getElementById("panel");
  const made = document.getElementById("made");
  const passage = document.getElementById("passage");
  const wide = matchMedia("(min-width: 76rem)");
  let open = null;

  const close = focus => {
    if (!open) return;
    panel.hidden = true;
    open.classList.remove("open");
    open.removeAttribute("aria-expanded");
    if (focus) open.focus({ preventScroll: true });
    open = null;
  };

  // beside its sentence where there is room, else at the foot of the screen
  const place = () => {
    if (!open) return;
    const top = wide.matches ? open.getBoundingClientRect().top - panel.offsetParent.getBoundingClientRect().top : 0;
    panel.style.top = wide.matches ? `${top}px` : "";
    if (!wide.matches) open.scrollIntoView({ block: "nearest" });
  };

  const show = link => {
    close(false);
    open = link;
    link.classList.add("open");
    link.setAttribute("aria-expanded", "true");
    made.textContent = link.dataset.made;
    passage.replaceChildren();
    for (const number of link.dataset.sources.split(" ").filter(Boolean)) {
      for (const part of document.getElementById(`source-${number}`).children) {
        passage.append(part.cloneNode(true));
      }
    }
    for (const mark of passage.querySelectorAll("mark")) {
      mark.classList.toggle("on", mark.dataset.for.split(" ").includes(link.dataset.number));
    }
    panel.hidden = false;
    place();
    panel.focus({ preventScroll: true });
    if (!wide.matches) panel.querySelector("mark.on")?.scrollIntoView({ block: "nearest" });
  };

  for (const link of document.querySelectorAll("a.s")) {
    link.setAttribute("role", "button");
    link.draggable = false; // so that text can be selected
    link.addEventListener("keydown", event => {
      if (event.key === " ") { event.preventDefault(); show(link); }
    });
  }
  document.addEventListener("click", event => {
    const link = event.target.closest("a.s");
    if (link) {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      const selecting = event.detail > 0 && !getSelection().isCollapsed;
      if (selecting) return;
      if (link === open) close(true); else show(link);
    } else if (event.target.closest("#panel button")) {
      close(true);
    } else if (!event.target.closest("#panel")) {
      close(false);
    }
  });
  document.addEventListener("keydown", event => { if (event.key === "Escape") close(true); });
  addEventListener("resize", place);
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(part => { part.open = true; }));
})();
