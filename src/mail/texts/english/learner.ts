import { CLOSE, GREETING } from './common.ts';

export const LEARNER = {
  subject:
    '{% if products.size == 1 %}{{ products.first.title }}: your learning seat is ready{% else %}Your {{ seats | number }} learning seats are ready{% endif %}',
  html: `${GREETING}
<p>{% if customer != "" %}{{ customer }} has{% else %}We have{% endif %} {% if seats == 1 %}a learning seat{% else %}{{ seats | number }} learning seats{% endif %} for you:</p>
<ul>
{% for product in products %}<li>{{ product.title }}{% if product.seats > 1 %}: {{ product.seats | number }} seats{% endif %}{% if product.access != "" %}, access {{ product.access }}{% endif %}{% if product.codes_expire_on != "" %}; please redeem by {{ product.codes_expire_on }}{% endif %}</li>
{% endfor %}</ul>
<p><strong>What to do next.</strong> Open {% if seats == 1 %}your link{% else %}each of your {{ seats | number }} links{% endif %} in this message. It takes you to the redemption page with your code filled in.</p>
<p><strong>You need an account.</strong> If you have none, register on that page first; otherwise sign in.</p>
<p>{% if seats == 1 %}The link works once and is meant for you alone. Please do not forward it.{% else %}Each link works once and is meant for you alone. Please do not forward them.{% endif %}</p>
${CLOSE}`,
  text: null,
};
