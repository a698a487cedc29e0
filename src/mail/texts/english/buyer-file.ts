import { ACCOUNT, BUYER_SUBJECT, CLOSE, GREETING, ORDER, PAGES, PRODUCTS } from './common.ts';

export const BUYER_FILE = {
  subject: BUYER_SUBJECT,
  html: `${GREETING}
${ORDER}
${PRODUCTS}
<p><strong>What to do next.</strong> Open the attached roster <em>{{ roster_file }}</em>. It has one row for each seat. Give each learner one row{% if products.size > 1 %} of each product{% endif %}, and each row to one learner only: a code works once.{% if roster_csv_file != "" %} The file <em>{{ roster_csv_file }}</em> has the same seats for other programs.{% endif %}</p>
<p>The link in a row opens the redemption page with the code filled in. Learners can also type their code at ${PAGES}.</p>
${ACCOUNT}
<p>Please keep the roster safe: anyone who has a code can use the seat.</p>
${CLOSE}`,
  text: null,
};
