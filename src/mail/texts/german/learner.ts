import { CLOSE, GREETING } from './common.ts';

export const LEARNER = {
  subject:
    '{% if products.size == 1 %}{{ products.first.title }}: Ihr Lernplatz steht bereit{% else %}Ihre {{ seats | number }} Lernplätze stehen bereit{% endif %}',
  html: `${GREETING}
<p>{% if customer != "" %}bei {{ customer }}{% else %}bei uns{% endif %} {% if seats == 1 %}steht ein Lernplatz{% else %}stehen {{ seats | number }} Lernplätze{% endif %} für Sie bereit:</p>
<ul>
{% for product in products %}<li>{{ product.title }}{% if product.seats > 1 %}: {{ product.seats | number }} Plätze{% endif %}{% if product.access != "" %}, Zugang {{ product.access }}{% endif %}{% if product.codes_expire_on != "" %}; bitte bis {{ product.codes_expire_on }} einlösen{% endif %}</li>
{% endfor %}</ul>
<p><strong>So geht es weiter.</strong> Öffnen Sie {% if seats == 1 %}Ihren Link{% else %}jeden Ihrer {{ seats | number }} Links{% endif %} in dieser Nachricht. Er führt zur Einlöseseite, auf der Ihr Code schon eingetragen ist.</p>
<p><strong>Sie brauchen ein Konto.</strong> Wenn Sie noch keines haben, registrieren Sie sich zuerst auf dieser Seite; sonst melden Sie sich an.</p>
<p>{% if seats == 1 %}Der Link gilt einmal und nur für Sie. Bitte geben Sie ihn nicht weiter.{% else %}Jeder Link gilt einmal und nur für Sie. Bitte geben Sie die Links nicht weiter.{% endif %}</p>
${CLOSE}`,
  text: null,
};
