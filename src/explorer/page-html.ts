/** The page's markup. Nothing of a run is in it: the script puts names and numbers in as text. */
export function pageHtml({ isStatic }: { isStatic: boolean }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>dcfabric explorer</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
</head>
<body data-static="${isStatic}">
<header>
  <h1 id="title">dcfabric explorer</h1>
  <div class="controls">
    <label>Run <select id="run-a"></select></label>
    <label>Beside it <select id="run-b"></select></label>
    <label>Links show <select id="traffic"></select></label>
    <label>Colours <select id="theme">
      <option value="auto">as the system</option><option value="light">light</option><option value="dark">dark</option>
    </select></label>
    <button type="button" id="keys" aria-expanded="false" aria-controls="keys-help">Keys</button>
  </div>
  <p id="keys-help" hidden>
    <kbd>Space</kbd> plays and pauses. <kbd>,</kbd> and <kbd>.</kbd> go back and on by a sample.
    In a drawing: arrow keys move it, with <kbd>Shift</kbd> further; <kbd>+</kbd> and <kbd>-</kbd> change its size,
    <kbd>0</kbd> fits it; <kbd>n</kbd> and <kbd>p</kbd> choose the next switch and the one before; <kbd>Esc</kbd> none.
    While a frame is followed, <kbd>[</kbd> and <kbd>]</kbd> go back and on by a hop.
    The address of the page holds what you see: copy it to show it to somebody else.
  </p>
  <p id="message" role="status"></p>
</header>
<main>
  <div id="stage">
    <div id="panes"></div>
    <div id="transport" role="group" aria-label="Time">
      <button type="button" id="play">Play</button>
      <input type="range" id="time" min="0" max="0" value="0" step="1" aria-label="Time of the run">
      <output id="now" for="time"></output>
      <label>Whole run in <select id="speed">
        <option value="10">10 s</option><option value="30" selected>30 s</option><option value="120">2 min</option>
      </select></label>
    </div>
    <div id="wave-transport" role="group" aria-label="Frame that is followed" hidden>
      <button type="button" id="wave-play">Follow</button>
      <button type="button" id="hop-back">Hop back</button>
      <button type="button" id="hop-on">Hop on</button>
      <input type="range" id="wave-time" min="0" max="1000" value="0" step="1" aria-label="Time since the frame was sent">
      <output id="wave-now" for="wave-time"></output>
      <button type="button" id="wave-end">Stop following</button>
    </div>
    <div id="legend"></div>
  </div>
  <div id="side">
    <label class="table-run">Tables of <select id="table-run"></select></label>
    <details id="selected" open>
      <summary>Chosen: <span id="selected-name">nothing</span></summary>
      <p id="selected-text">Choose a switch or a server in the drawing, or by its name in a table below.</p>
      <div id="selected-charts"></div>
      <div id="selected-table"></div>
    </details>
    <details id="traces">
      <summary>Floods and migrations, hop by hop</summary>
      <div id="traces-table"></div>
      <div id="hops-table"></div>
    </details>
    <details id="switches">
      <summary>Tables of learned addresses</summary>
      <label>Names with <input type="search" id="switches-filter"></label>
      <div id="switches-table"></div>
    </details>
    <details id="links">
      <summary>Links</summary>
      <label>Names with <input type="search" id="links-filter"></label>
      <div id="links-table"></div>
    </details>
    <details id="migrations">
      <summary>Migrations</summary>
      <div id="migrations-table"></div>
    </details>
  </div>
</main>
<div id="tip" hidden></div>
<noscript>The explorer reads and draws results with a script, and scripts are switched off.</noscript>
<script src="main.js"></script>
</body>
</html>
`;
}
