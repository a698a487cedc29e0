import { CLOSE, GREETING } from './common.ts';

const UNUSED = `{% if unused_seats == 1 %}1 von {{ seats | number }} Lernplätzen wird{% else %}{{ unused_seats | number }} von {{ seats | number }} Lernplätzen werden{% endif %} noch nicht genutzt`;

export const NUDGE = {
  subject: `{% if customer != "" %}{{ customer }}: {% endif %}{% if seats == 1 %}Ihr Lernplatz wird noch nicht genutzt{% else %}${UNUSED}{% endif %}`,
  html: `${GREETING}
<p>{% if seats == 1 %}Ihr Lernplatz{% if customer != "" %} für {{ customer }}{% endif %} wird noch nicht genutzt:{% else %}<strong>${UNUSED}</strong>{% if customer != "" %} ({{ customer }}){% endif %}:{% endif %}</p>
<ul>
{% for product in products %}<li>{{ product.title }}: {{ product.used | number }} von {{ product.seats | number }} genutzt{% if product.codes_expire_on != "" %}; bitte bis {{ product.codes_expire_on }} einlösen{% endif %}{% if product.access_until != "" %}; Zugang bis {{ product.access_until }}{% endif %}</li>
{% endfor %}</ul>
{% if to_learners %}<p><strong>So geht es weiter.</strong> Die Lernenden haben die Codes per E-Mail bekommen, die ersten am {{ delivered_on }}. Bitte erinnern Sie alle, die noch nicht begonnen haben.</p>{% else %}<p><strong>So geht es weiter.</strong> Sie haben die Codes: Unsere E-Mail vom {{ delivered_on }} hat sie gebracht. Geben Sie jeder lernenden Person einen Code, der noch nicht genutzt ist.</p>{% endif %}
<p>Diese E-Mail enthält keine Codes. Wenn Sie sie nicht finden, fragen Sie uns bitte.</p>
${CLOSE}`,
  text: null,
};
