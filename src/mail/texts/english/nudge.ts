import { CLOSE, GREETING } from './common.ts';

const UNUSED = `{% if unused_seats == 1 %}1 of {{ seats | number }} learning seats is{% else %}{{ unused_seats | number }} of {{ seats | number }} learning seats are{% endif %} not in use yet`;

export const NUDGE = {
  subject: `{% if customer != "" %}{{ customer }}: {% endif %}{% if seats == 1 %}{% if customer != "" %}your{% else %}Your{% endif %} learning seat is not in use yet{% else %}${UNUSED}{% endif %}`,
  html: `${GREETING}
<p>{% if seats == 1 %}Your learning seat{% if customer != "" %} for {{ customer }}{% endif %} is not in use yet:{% else %}<strong>${UNUSED}</strong>{% if customer != "" %} at {{ customer }}{% endif %}:{% endif %}</p>
<ul>
{% for product in products %}<li>{{ product.title }}: {{ product.used | number }} of {{ product.seats | number }} in use{% if product.codes_expire_on != "" %}; please redeem by {{ product.codes_expire_on }}{% endif %}{% if product.access_until != "" %}; access until {{ product.access_until }}{% endif %}</li>
{% endfor %}</ul>
{% if to_learners %}<p><strong>What to do next.</strong> The learners got the codes by mail, the first of them on {{ delivered_on }}. Please remind those who have not started.</p>{% else %}<p><strong>What to do next.</strong> You have the codes: our mail of {{ delivered_on }} brought them. Give each learner one code that is not in use yet.</p>{% endif %}
<p>This mail has no codes in it. If you cannot find them, please ask us.</p>
${CLOSE}`,
  text: null,
};
