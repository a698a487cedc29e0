export const GREETING =
  '<p>Hello{% if recipient.first_name != "" %} {{ recipient.first_name }}{% endif %},</p>';

const SEATS = '{{ seats | number }} learning {% if seats == 1 %}seat{% else %}seats{% endif %}';

const ARE_READY = `${SEATS} {% if seats == 1 %}is{% else %}are{% endif %} ready`;

/** What each product of the reader gives. */
export const PRODUCTS = `<ul>
{% for product in products %}<li>{{ product.title }}: {{ product.seats | number }} {% if product.seats == 1 %}seat{% else %}seats{% endif %}{% if product.access != "" %}, access {{ product.access }}{% endif %}{% if product.codes_expire_on != "" %}; please redeem by {{ product.codes_expire_on }}{% endif %}</li>
{% endfor %}</ul>`;

export const PAGES =
  '{% for page in redeem_pages %}{% unless forloop.first %} or {% endunless %}<a href="{{ page }}">{{ page }}</a>{% endfor %}';

export const BUYER_SUBJECT = `{% if customer != "" %}{{ customer }}: your{% else %}Your{% endif %} {% if seats == 1 %}learning seat is{% else %}{{ seats | number }} learning seats are{% endif %} ready`;

export const ORDER = `<p>Thank you for your order. <strong>${ARE_READY}</strong>{% if customer != "" %} for {{ customer }}{% endif %}{% if new_seats > 0 and new_seats < seats %}, {{ new_seats | number }} of them new{% endif %}:</p>`;

export const ACCOUNT =
  '<p><strong>Each learner needs an account.</strong> Learners without an account register on the redemption page first; the others sign in.</p>';

/** Whom to ask, and who writes. */
export const CLOSE = `{% if help.is_given %}<p><strong>Questions?</strong> Please ask{% if help.name != "" %} {{ help.name }}{% endif %}:{% if help.email != "" %} <a href="mailto:{{ help.email }}">{{ help.email }}</a>{% endif %}{% if help.phone != "" %} {{ help.phone }}{% endif %}{% if help.url != "" %} <a href="{{ help.url }}">{{ help.url }}</a>{% endif %}</p>
{% endif %}{% if sender != "" %}<p>Kind regards<br>{{ sender }}</p>{% endif %}`;
