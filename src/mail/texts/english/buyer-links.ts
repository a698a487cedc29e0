import { ACCOUNT, BUYER_SUBJECT, CLOSE, GREETING, ORDER, PAGES, PRODUCTS } from './common.ts';

export const BUYER_LINKS = {
  subject: BUYER_SUBJECT,
  html: `${GREETING}
${ORDER}
${PRODUCTS}
<p><strong>What to do next.</strong> {% if links > 0 %}This message has {% if links == 1 %}one link, which opens{% else %}{{ links | number }} links, one for each seat. A link opens{% endif %} the redemption page with the code filled in. {% if links == 1 %}Send it to one learner only{% else %}Send each learner one link{% if products.size > 1 %} of each product{% endif %}, and each link to one learner only{% endif %}: a code works once.{% else %}This message has one link, which opens the list of your seats. The link stops working after a few days, so please save the file. It has one row for each seat. Give each learner one row{% if products.size > 1 %} of each product{% endif %}, and each row to one learner only: a code works once.{% endif %}</p>
<p>Learners can also type a code at ${PAGES}.</p>
${ACCOUNT}
<p>Please keep {% if links > 0 %}this message{% else %}the list{% endif %} safe: anyone who has a link can use the seat.</p>
${CLOSE}`,
  text: null,
};
