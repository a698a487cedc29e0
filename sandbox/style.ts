/** The look of every page of the sandbox, in a light and a dark scheme. Colours of text meet WCAG AA in both. */
export const STYLE = `
  :root {
    color-scheme: light dark;
    --page: #f4f5f7; --card: #fff; --text: #1b2430; --quiet: #54606f; --line: #d9dee6; --link: #0b57b8;
    --button: #0b57b8; --on-button: #fff; --soft: #e9eef6; --good: #17663f; --good-soft: #e3f3ea;
    --warn: #8a4500; --warn-soft: #fdf0e0; --bad: #a51d2d; --bad-soft: #fce8ea;
  }
  @media (prefers-color-scheme: dark) {
    :root {
      --page: #12161c; --card: #1b2129; --text: #e6eaf0; --quiet: #a6b0bd; --line: #343d49; --link: #8ab9ff;
      --button: #8ab9ff; --on-button: #0d1722; --soft: #263040; --good: #7fd6a6; --good-soft: #16301f;
      --warn: #f3bd7b; --warn-soft: #35260f; --bad: #ff9aa5; --bad-soft: #3a1a1f;
    }
  }
  * { box-sizing: border-box; }
  body { margin: 0; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; background: var(--page); color: var(--text); overflow-wrap: anywhere; }
  h1 { font-size: 1.45rem; line-height: 1.25; margin: 0 0 .35rem; }
  h2 { font-size: 1.02rem; margin: 0 0 .6rem; }
  h3, h2.sub { font-size: .8rem; font-weight: 600; margin: .9rem 0 .3rem; color: var(--quiet); text-transform: uppercase; letter-spacing: .04em; }
  p { margin: 0 0 .6rem; }
  a { color: var(--link); }
  ul { margin: 0; padding: 0; list-style: none; }
  .rich ul, .rich ol { padding-left: 1.2rem; list-style: disc; } .rich ol { list-style: decimal; }
  code { font: .9em ui-monospace, Menlo, Consolas, monospace; }
  .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .skip { position: absolute; left: -100rem; } .skip:focus { left: .5rem; top: .5rem; background: var(--card); padding: .4rem .8rem; z-index: 2; }
  .top { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; align-items: baseline; padding: .8rem 1.2rem; background: var(--card); border-bottom: 1px solid var(--line); }
  .top .brand { font-weight: 650; color: var(--text); text-decoration: none; }
  .top nav { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; }
  .top a[aria-current] { color: var(--text); font-weight: 600; }
  .layout { display: grid; grid-template-columns: minmax(0, 21rem) minmax(0, 1fr); gap: 1.2rem; max-width: 84rem; margin: 1.2rem auto; padding: 0 1.2rem; align-items: start; }
  .card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1.1rem; margin: 0 0 1rem; }
  .pair { columns: 2 24rem; column-gap: 1rem; } .pair > div { break-inside: avoid; }
  .rows > li { border-top: 1px solid var(--line); padding: .4rem 0; } .rows > li:first-child { border-top: 0; }
  .rows a { display: block; } .row { display: flex; gap: .6rem; justify-content: space-between; align-items: center; flex-wrap: wrap; }
  .rows a.here { font-weight: 650; color: var(--text); }
  .quiet, .empty { color: var(--quiet); } .small { font-size: .88rem; }
  .tag { display: inline-block; border-radius: 1rem; padding: .05rem .6rem; font-size: .82rem; background: var(--soft); color: var(--text); white-space: nowrap; }
  .tag.good { background: var(--good-soft); color: var(--good); } .tag.warn { background: var(--warn-soft); color: var(--warn); } .tag.bad { background: var(--bad-soft); color: var(--bad); }
  .detail { border-left: .25rem solid var(--line); padding: .1rem 0 .1rem .8rem; margin: .6rem 0; white-space: pre-line; }
  .detail.good { border-color: var(--good); } .detail.warn { border-color: var(--warn); } .detail.bad { border-color: var(--bad); }
  dl { display: grid; grid-template-columns: minmax(7rem, 11rem) minmax(0, 1fr); gap: .25rem .8rem; margin: 0; } dt { color: var(--quiet); } dd { margin: 0; white-space: pre-line; }
  form { margin: 0; } .forms { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
  label { display: grid; grid-template-columns: minmax(0, 1fr); gap: .15rem; font-size: .88rem; color: var(--quiet); min-width: 0; max-width: 100%; }
  .rows .forms, .row .forms { gap: .4rem; } .rows button { padding: .2rem .6rem; font-size: .88rem; }
  input, select { font: inherit; color: var(--text); background: var(--card); border: 1px solid #8792a2; border-radius: .35rem; padding: .3rem .5rem; max-width: 100%; }
  select { width: 100%; min-width: 0; }
  .forms input[type=number] { width: 6rem; }
  .card > .forms + .forms, .card > .forms + form, .card > .forms + dl { margin-top: .8rem; }
  button, .button { font: inherit; border: 1px solid var(--button); background: var(--button); color: var(--on-button); border-radius: .35rem; padding: .3rem .8rem; cursor: pointer; text-decoration: none; display: inline-block; }
  button.second { background: transparent; color: var(--link); }
  :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
  .scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line); }
  th { color: var(--quiet); font-weight: 600; } .word { white-space: nowrap; overflow-wrap: normal; }
  summary { cursor: pointer; padding: .2rem 0; } details > :not(summary) { margin-top: .4rem; }
  iframe { margin-top: .6rem; width: 100%; height: 30rem; border: 1px solid var(--line); border-radius: .4rem; background: #fff; color-scheme: light; }
  .bar { height: .4rem; border-radius: .2rem; background: var(--soft); overflow: hidden; } .bar svg { display: block; color: var(--good); }
  .verdict { padding: .6rem .9rem; border-left: .3rem solid var(--line); background: var(--soft); }
  .verdict.reached { border-color: var(--good); } .verdict.missing { border-color: var(--warn); }
  .scenes form { display: inline-block; margin: 0 .3rem .2rem 0; } .scenes button { white-space: nowrap; }
  .scenes table { table-layout: fixed; min-width: 34rem; } .scenes th:nth-child(n+3) { width: 8rem; }
  .narrow { max-width: 34rem; margin: 3rem auto; padding: 0 1.2rem; }
  .narrow input { width: 100%; margin: .2rem 0 .8rem; }
  @media (max-width: 60rem) {
    .layout { grid-template-columns: minmax(0, 1fr); margin: .8rem auto; padding: 0 .8rem; }
    .layout > main { order: -1; }
    dl { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: .4rem; }
  }
`;
