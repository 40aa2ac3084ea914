import { fabricClass } from './fabric-signs.ts';
import { DARK, LIGHT } from './palette.ts';

/** Key figures need so much room: where there is less, their table scrolls. */
const KEY_LABEL_PIXELS = 240;
const KEY_COLUMN_PIXELS = 118;

/** The style of a page on which so many fabrics can be hidden. */
export function pageStyle(fabricCount: number): string {
  const hidden = Array.from({ length: fabricCount }, (_, fabric) => {
    const name = fabricClass(fabric);
    return `.hide-${name} .${name}{display:none}`;
  });
  return [
    `:root{color-scheme:light dark;${variables(LIGHT)}}`,
    `@media screen and (prefers-color-scheme:dark){:root{${variables(DARK)}}}`,
    STYLE,
    `@media screen and (min-width:761px){.key{min-width:${KEY_LABEL_PIXELS + fabricCount * KEY_COLUMN_PIXELS}px}}`,
    ...hidden,
  ].join('\n');
}

function variables(colours: Readonly<Record<string, string>>): string {
  return Object.entries(colours)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');
}

const STYLE = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header,footer{max-width:1096px;margin:0 auto;padding:0 20px}
header{padding-top:56px}
.kicker{margin:0 0 10px;font-size:13px;letter-spacing:.08em;text-transform:uppercase;color:var(--muted)}
h1{margin:0;font-size:clamp(28px,5vw,44px);line-height:1.12;letter-spacing:-.02em;font-weight:680;text-wrap:balance;overflow-wrap:anywhere}
.question{margin:14px 0 0;max-width:44em;font-size:clamp(17px,2.3vw,20px);line-height:1.45;color:var(--muted);text-wrap:pretty;overflow-wrap:anywhere}
.facts{display:flex;flex-wrap:wrap;gap:4px 22px;margin:20px 0 0;padding:0;list-style:none;font-size:14px;color:var(--muted);font-variant-numeric:tabular-nums}
section{margin-top:64px}
h2{margin:0 0 6px;font-size:24px;line-height:1.25;letter-spacing:-.012em;font-weight:650;text-wrap:balance}
h3{margin:0 0 8px;font-size:15px;line-height:1.35;font-weight:620;overflow-wrap:anywhere}
p{margin:0 0 12px;max-width:46em}
.lead{color:var(--muted)}
.answer p{font-size:clamp(18px,2.4vw,21px);line-height:1.5;max-width:42em;overflow-wrap:anywhere}
.answer .lead{font-size:15px}
.warning{margin-top:28px;padding:12px 16px;border-left:4px solid var(--limit);background:var(--raised)}
.warning p{margin:0}
.scroll{overflow-x:auto;margin:22px 0 0}
.scroll:focus-visible,.drawing:focus-visible,button:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:3px;border-radius:3px}
table{border-collapse:collapse;font-size:14.5px;font-variant-numeric:tabular-nums}
caption{padding:0 0 8px;text-align:left;color:var(--muted);font-size:13.5px}
th,td{padding:7px 12px;border-bottom:1px solid var(--hairline);text-align:right;vertical-align:top;font-weight:400;white-space:nowrap}
thead th{font-weight:620;vertical-align:bottom;border-bottom-color:var(--axis)}
th:first-child,td.text,th.text{text-align:left}
th:first-child{padding-left:0;position:sticky;left:0;background:var(--paper)}
tbody th{color:var(--ink)}
#plan-answer td{white-space:normal}
#plan-answer td+td{min-width:12em}
tbody.group th[colspan]{padding-top:18px;font-weight:650}
tbody th.part{padding-left:16px;color:var(--muted)}
.name{white-space:nowrap}
.key{width:100%;table-layout:fixed}
.key thead td{border-bottom-color:var(--axis)}
.key th:first-child,.key thead td{width:15em}
.key td,.key th{min-width:128px}
.key thead th{white-space:normal;overflow-wrap:anywhere}
.key .value{font-size:16px;font-weight:560}
.key th:first-child{white-space:normal}
.difference{display:inline-block;margin-left:7px;font-size:12.5px;font-weight:400;color:var(--muted)}
.key .difference{min-width:5.4em;text-align:right;margin-left:6px}
.stacked .difference{display:block}
.bar{display:block;width:100%;height:5px;margin-top:5px;transform:scaleX(-1)}
.sign{display:inline-block;vertical-align:-1px;width:26px;height:12px;margin-right:7px}
.swatch{display:inline-block;vertical-align:-2px;width:14px;height:14px;margin-right:7px}
.legend{display:flex;flex-wrap:wrap;gap:6px 18px;margin:14px 0 2px;padding:0;list-style:none;font-size:14px}
.legend button{font:inherit;color:inherit;background:none;border:0;padding:3px 0;cursor:pointer;text-align:left;overflow-wrap:anywhere}
.legend button[aria-pressed=false]{color:var(--muted);text-decoration:line-through}
.legend button[aria-pressed=false] svg{opacity:.25}
figure{margin:0}
.panels{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:30px 40px;margin:20px 0 0}
.panel.full{grid-column:1/-1}
.panel h3{margin-bottom:4px}
.drawing svg{display:block;width:100%;height:auto;overflow:visible;font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;font-variant-numeric:tabular-nums}
.drawing{position:relative;touch-action:pan-y pinch-zoom}
.narrow{display:none}
.cursor{stroke:var(--ink);stroke-width:1;pointer-events:none}
.marks>.at{stroke:var(--ink);stroke-width:2}
figcaption{margin-top:14px}
figcaption p{margin:0 0 4px;font-size:13.5px;line-height:1.5;color:var(--muted);max-width:60em}
details{margin-top:12px}
summary{cursor:pointer;font-size:14px;color:var(--link);width:fit-content}
details .scroll{margin-top:12px;max-height:460px;overflow:auto}
details thead th{position:sticky;top:0;background:var(--paper);z-index:1}
details table{font-size:13px}
details th,details td{padding:4px 12px}
pre,code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{overflow:auto;max-height:460px;padding:14px 16px;background:var(--raised);margin:12px 0 0}
.command{max-height:none;white-space:pre-wrap;overflow-wrap:anywhere}
.scope{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:10px 48px;margin-top:18px}
.scope ul{margin:0;padding-left:1.1em;font-size:14.5px}
.scope li{margin-bottom:6px}
.hash{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:12.5px}
footer{padding-top:56px;padding-bottom:56px;font-size:13.5px;color:var(--muted)}
#tip{position:fixed;z-index:9;max-width:min(420px,92vw);padding:8px 11px;border-radius:5px;background:var(--ink);color:var(--paper);font-size:13px;line-height:1.45;font-variant-numeric:tabular-nums;pointer-events:none;white-space:pre-line;overflow-wrap:anywhere}
#tip[hidden]{display:none}
@media screen and (max-width:760px){
main,header,footer{padding-left:16px;padding-right:16px}
header{padding-top:32px}
section{margin-top:48px}
.panels,.scope{grid-template-columns:minmax(0,1fr)}
.wide{display:none}
.narrow{display:block}
.key,.key caption,.key tbody,.key tr,.key th:first-child{display:block;width:auto}
.key thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.key tr{padding:12px 0;border-bottom:1px solid var(--hairline)}
.key th:first-child{position:static;padding:0 0 4px;border:0;font-weight:620}
.key td{display:grid;grid-template-columns:minmax(0,1fr) auto 5.4em;align-items:baseline;padding:3px 0 4px;border:0}
.key td::before{content:attr(data-name);text-align:left;overflow-wrap:anywhere;white-space:normal;color:var(--muted)}
.key .value{text-align:right}
.key .difference{text-align:right;margin:0}
.stacked td{grid-template-columns:minmax(0,1fr) auto}
.stacked .difference{grid-column:1/-1}
.key .bar{grid-column:1/-1;transform:none;margin-top:2px}
}
@media (max-width:1000px){
.key .difference{display:block;margin-left:0}
}
@media screen and (min-width:761px) and (max-width:1000px),print{
.key:not(.stacked) tr:has(.difference) td:nth-child(2) .value::after{content:'\\a0';display:block;font-size:12.5px}
}
@media print{
.key .difference{display:block;margin-left:0}
body{font-size:11pt}
header{padding-top:0}
section{margin-top:28px}
.wide{display:block}
.narrow{display:none}
.panels{grid-template-columns:repeat(2,minmax(0,1fr))}
figure,.panel,tr,.warning{break-inside:avoid}
h2,.lead{break-after:avoid}
details:not([open]),#tip{display:none}
.scroll,pre,details .scroll{overflow:visible;max-height:none}
th:first-child{position:static}
}
`;
