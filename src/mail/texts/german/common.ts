export const GREETING =
  '<p>{% if recipient.first_name != "" %}Hallo {{ recipient.first_name }}{% else %}Guten Tag{% endif %},</p>';

const SEATS = '{{ seats | number }} {% if seats == 1 %}Lernplatz{% else %}Lernplätze{% endif %}';

/** What each product of the reader gives. */
export const PRODUCTS = `<ul>
{% for product in products %}<li>{{ product.title }}: {{ product.seats | number }} {% if product.seats == 1 %}Platz{% else %}Plätze{% endif %}{% if product.access != "" %}, Zugang {{ product.access }}{% endif %}{% if product.codes_expire_on != "" %}; bitte bis {{ product.codes_expire_on }} einlösen{% endif %}</li>
{% endfor %}</ul>`;

export const PAGES =
  '{% for page in redeem_pages %}{% unless forloop.first %} oder {% endunless %}<a href="{{ page }}">{{ page }}</a>{% endfor %}';

export const BUYER_SUBJECT = `{% if customer != "" %}{{ customer }}: {% endif %}${SEATS} {% if seats == 1 %}steht{% else %}stehen{% endif %} bereit`;

export const ORDER = `<p>vielen Dank für Ihre Bestellung. <strong>${SEATS}</strong>{% if customer != "" %} für {{ customer }}{% endif %} <strong>{% if seats == 1 %}steht{% else %}stehen{% endif %} bereit</strong>{% if new_seats > 0 and new_seats < seats %}, davon {{ new_seats | number }} neu{% endif %}:</p>`;

export const ACCOUNT =
  '<p><strong>Ein Konto ist nötig.</strong> Wer noch keines hat, registriert sich zuerst auf der Einlöseseite; alle anderen melden sich an.</p>';

/** Whom to ask, and who writes. */
export const CLOSE = `{% if help.is_given %}<p><strong>Fragen?</strong> Bitte wenden Sie sich an{% if help.name != "" %} {{ help.name }}{% endif %}:{% if help.email != "" %} <a href="mailto:{{ help.email }}">{{ help.email }}</a>{% endif %}{% if help.phone != "" %} {{ help.phone }}{% endif %}{% if help.url != "" %} <a href="{{ help.url }}">{{ help.url }}</a>{% endif %}</p>
{% endif %}{% if sender != "" %}<p>Freundliche Grüße<br>{{ sender }}</p>{% endif %}`;
