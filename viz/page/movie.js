// The page of a movie. The data are in the page; nothing is loaded, and numbers are texts already.
"use strict";
(() => {
  const PLAY_MS = 1800;
  const ODD = ["NaN", "∞", "−∞"];
  const { steps: told, boxes, about } = JSON.parse(document.getElementById("data").textContent);
  let grids, phrases; // of all panels
  const steps = told.map(completed);
  const byId = (id) => document.getElementById(id);
  const graph = byId("graph"), stage = byId("stage"), slider = byId("slider");
  const panel = byId("panel"), content = byId("content"), packed = byId("panels");
  let now = 0; // number of the step shown, from 1
  const end = document.createDocumentFragment(); // the page comes with the last panel in place
  let timer = null;

  function completed(step) {
    const own = step.kind === "forward" ? step.active : []; // a forward step makes its own boxes
    const receivers = step.sums ? step.sums.map(([box]) => box) : own;
    return { values: own, receivers, sums: [], arrows: [], active: [], ...step };
  }

  // --- the graph -----------------------------------------------------------------------------
  const MARKS = ["shown", "known", "active", "receiver", "now"];

  function drawGraph(step) {
    graph.querySelectorAll(MARKS.map((mark) => "." + mark).join()).forEach((part) =>
      part.classList.remove(...MARKS));
    const counts = new Map();
    for (const past of steps.slice(0, now)) {
      past.values.forEach(showValue);
      past.sums.forEach(([box, count]) => counts.set(box, count));
      const direction = past.kind === "backward" ? "g" : "f";
      past.arrows.forEach((arrow) => byId(direction + arrow).classList.add("shown"));
    }
    if (now === steps.length) showAllGradients();
    counts.forEach(showGradient);
    const direction = step.kind === "backward" ? "g" : "f";
    step.arrows.forEach((arrow) => byId(direction + arrow).classList.add("now"));
    step.active.forEach((box) => byId("box-" + box).classList.add("active"));
    step.receivers.forEach((box) => byId("box-" + box).classList.add("receiver"));
    const backward = step.kind === "backward" || step.kind === "seed";
    graph.classList.toggle("backward", backward);
    graph.classList.toggle("forward", !backward);
  }

  function showValue(box) {
    const group = byId("box-" + box);
    group.classList.add("known");
    group.querySelector(".value").classList.add("shown");
  }

  function showGradient(count, box) {
    const group = byId("box-" + box);
    group.querySelector(`.gradient[data-count="${count}"]`).classList.add("shown");
    group.querySelectorAll(".mark").forEach((part) => part.classList.add("shown"));
  }

  function showAllGradients() {
    graph.querySelectorAll(".gradient.total, .mark").forEach((part) =>
      part.classList.add("shown"));
  }

  function follow(step) {
    const found = [...step.active, ...step.receivers].map((box) => byId("box-" + box));
    if (!found.length) return;
    const frame = stage.getBoundingClientRect();
    const sides = found.map((group) => group.querySelector(".frame").getBoundingClientRect());
    const first = sides[0];
    const left = Math.min(...sides.map((side) => side.left));
    const right = Math.max(...sides.map((side) => side.right));
    const top = Math.min(...sides.map((side) => side.top));
    const bottom = Math.max(...sides.map((side) => side.bottom));
    // all boxes of the step if they fit, else the operation itself
    const [x, y] = [
      right - left < frame.width ? (left + right) / 2 : (first.left + first.right) / 2,
      bottom - top < frame.height ? (top + bottom) / 2 : (first.top + first.bottom) / 2,
    ];
    stage.scrollTo(stage.scrollLeft + x - frame.left - frame.width / 2,
                   stage.scrollTop + y - frame.top - frame.height / 2);
  }

  // --- the panel -----------------------------------------------------------------------------
  function drawPanel(step) {
    panel.className = "panel " + step.kind;
    byId("title").textContent = step.title;
    const text = now === steps.length ? end : packed.content.getElementById("step-" + now).content;
    content.replaceChildren(text.cloneNode(true));
    content.querySelectorAll("[data-quote]").forEach((formula) => {
      const line = end.querySelector(`[data-line="${formula.dataset.quote}"]`);
      formula.replaceChildren(...line.cloneNode(true).childNodes);
    });
    content.querySelectorAll("[data-of]").forEach(fillFigure);
    content.querySelectorAll("[data-phrase]").forEach(fillPhrase);
    content.querySelectorAll(".equation, .formula, li").forEach((line) => {
      if (line.scrollWidth > line.clientWidth) line.tabIndex = 0; // so that keys can scroll it
    });
  }

  function fillFigure(figure) {
    const [number, kind, ...of] = figure.dataset.of.split(" ");
    figure.dataset.kind = kind;
    about[kind].forEach((name, i) => (figure.dataset[name] = of[i]));
    if (!figure.firstChild) {
      const caption = figure.appendChild(document.createElement("figcaption"));
      const { name, shape, gradient } = boxes[of[0]];
      caption.textContent = kind === "value" ? `${name} ${shape}` : gradient;
    }
    figure.prepend(drawnGrid(grids[number]));
  }

  function fillPhrase(line) {
    const [title, text] = phrases[line.dataset.phrase];
    const start = document.createElement("b");
    start.textContent = title;
    line.append(start, " " + text);
  }

  function drawnGrid([lines, tints, ...tags]) {
    if (!lines) return drawnSummary(tints, tags);
    const table = document.createElement("table");
    let i = 0, number = 0;
    for (const line of lines.split("|")) {
      const row = table.insertRow();
      const texts = line === "" ? [] : line.split(" ");
      if (!texts.length) {
        row.className = "gap";
        row.insertCell();
        continue;
      }
      texts.forEach((text, column) => {
        const cell = row.insertCell();
        cell.textContent = text;
        cell.dataset.at = `${number},${column}`;
        cell.className = tint(tints[i++] - 4) + (ODD.includes(text) ? " odd" : "");
      });
      number += 1;
    }
    return table;
  }

  function drawnSummary(text, tags) {
    const line = document.createElement("p");
    line.className = "summary";
    line.textContent = text;
    for (const tag of tags) {
      const mark = document.createElement("span");
      mark.className = "odd";
      mark.textContent = " " + tag;
      line.append(mark);
    }
    return line;
  }

  const tint = (step) => (step > 0 ? "p" + step : step < 0 ? "n" + -step : "");

  // --- going from step to step ----------------------------------------------------------------
  function show(number) {
    const wanted = Math.max(1, Math.min(steps.length, Math.trunc(number) || now || 1));
    if (wanted === now) return;
    now = wanted;
    const step = steps[now - 1];
    drawGraph(step);
    drawPanel(step);
    follow(step);
    slider.value = now;
    slider.setAttribute("aria-valuetext", `${now}, ${step.title}`);
    byId("said").textContent = spoken(step);
    byId("position").textContent = `${now} / ${steps.length}`;
    setDisabled(byId("previous"), now === 1);
    setDisabled(byId("next"), now === steps.length);
    try {
      history.replaceState(null, "", "#" + now); // no trail of steps for the back button
    } catch {
      // a page inside a notebook has no address of its own
    }
  }

  function spoken(step) {
    if (step.kind === "forward") {
      const made = step.active.map((box) => byId("box-" + box).querySelector("title").textContent);
      return `${step.title}; ${made.join(", ")}`;
    }
    const names = step.receivers.map((box) => boxes[box].gradient);
    return names.length ? `${step.title}; ${names.join(", ")}` : step.title;
  }

  // a disabled button would lose the focus, and the keys with it
  function setDisabled(button, off) {
    button.setAttribute("aria-disabled", off);
  }

  function go(number) {
    pause();
    show(number);
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    byId("play").textContent = "Play";
  }

  function play() {
    if (now === steps.length) show(1);
    byId("play").textContent = "Pause";
    timer = setInterval(() => {
      show(now + 1);
      if (now === steps.length) pause();
    }, PLAY_MS);
  }

  function goToBox(group) {
    const key = group.dataset.op;
    const found = steps.flatMap((step, i) => (step.active.includes(key) ? [i + 1] : []));
    go(found.find((number) => number > now) ?? found[0]);
  }

  // --- events ---------------------------------------------------------------------------------
  const KEYS = {
    ArrowLeft: () => go(now - 1),
    ArrowRight: () => go(now + 1),
    Home: () => go(1),
    End: () => go(steps.length),
  };

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.target === slider || !(event.key in KEYS)) return; // the slider has these keys itself
    const box = event.target.closest(".equation, .formula, li");
    if (box && box.scrollWidth > box.clientWidth) return; // they scroll it
    event.preventDefault();
    KEYS[event.key]();
  }

  // in a notebook, a link to a step would be one into the notebook
  function onLink(event) {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    go(Number(link.hash.slice(1)));
  }

  function makeButton(group) {
    if (!group.dataset.op) return;
    group.setAttribute("role", "button");
    group.setAttribute("tabindex", "0");
    group.setAttribute("aria-label", group.querySelector("title").textContent);
    group.addEventListener("click", () => goToBox(group));
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      goToBox(group);
    });
  }

  // the panels come compressed, as much in them repeats; a browser that cannot read them
  // leaves the page as it is: the end of the story
  async function unpack() {
    const bytes = Uint8Array.from(atob(packed.content.textContent), (sign) => sign.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    let panels;
    ({ panels, grids, phrases } = JSON.parse(await new Response(stream).text()));
    packed.innerHTML = panels;
  }

  async function start() {
    await unpack();
    end.append(...content.childNodes);
    listen();
    graph.setAttribute("role", "group");
    graph.setAttribute("aria-label", graph.querySelector("title").textContent);
    graph.classList.add("stepping");
    byId("controls").hidden = false;
    show(Number(location.hash.slice(1)));
    stage.classList.add("smooth");
  }

  function listen() {
    slider.addEventListener("input", () => go(Number(slider.value)));
    byId("previous").addEventListener("click", () => go(now - 1));
    byId("next").addEventListener("click", () => go(now + 1));
    byId("play").addEventListener("click", () => (timer === null ? play() : pause()));
    content.addEventListener("click", onLink);
    addEventListener("keydown", onKey);
    addEventListener("hashchange", () => go(Number(location.hash.slice(1))));
    graph.querySelectorAll(".tensor").forEach(makeButton);
  }

  start().catch(() => (byId("note").hidden = false));
})();
