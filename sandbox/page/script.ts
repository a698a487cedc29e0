/**
 * What runs in the browser: regions that changed are put in the place of the old ones. A region in which somebody is
 * typing or choosing waits until that is over. Without it every form works all the same.
 */
export const SCRIPT = `'use strict';
(() => {
  const live = document.querySelector('[data-live]');
  if (!live || !window.EventSource) return;
  const regionOf = (id) => document.querySelector('[data-region="' + CSS.escape(id) + '"]');
  const waiting = new Map();
  const isBusy = (region) => {
    const active = document.activeElement;
    return region.contains(active) && active.matches('input, select, textarea, iframe');
  };
  const put = (region, { html, print }) => {
    region.dataset.print = print;
    const open = [...region.querySelectorAll('details[id][open]')].map(({ id }) => id);
    const focused = region.contains(document.activeElement)
      ? [...region.querySelectorAll('a, button, summary')].indexOf(document.activeElement)
      : -1;
    region.innerHTML = html;
    for (const id of open) document.getElementById(id)?.setAttribute('open', '');
    if (focused >= 0) region.querySelectorAll('a, button, summary')[focused]?.focus({ preventScroll: true });
  };
  const take = (news) => {
    const region = regionOf(news.id);
    if (!region || region.dataset.print === news.print) return;
    if (isBusy(region)) waiting.set(news.id, news);
    else put(region, news);
  };
  document.addEventListener('focusout', () => setTimeout(() => {
    for (const [id, news] of [...waiting]) {
      waiting.delete(id);
      take(news);
    }
  }));
  let events;
  const close = () => events?.close();
  const open = () => {
    close();
    events = new EventSource('/live?at=' + encodeURIComponent(live.dataset.live));
    events.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.reload) location.reload();
      else message.forEach(take);
    };
  };
  // A browser opens few connections to one server: a hidden page needs none.
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  window.addEventListener('pagehide', close);
  open();
})();
`;
