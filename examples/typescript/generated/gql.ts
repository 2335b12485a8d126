/* eslint-disable */
import * as types from './graphql.js';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  mutation MakeMailing($input: MailingInput!, $key: String!) {\n    mailingCreate(input: $input, idempotencyKey: $key) {\n      mailing { id status }\n      audienceCount\n      userErrors { field message code }\n    }\n  }\n": typeof types.MakeMailingDocument,
    "\n  subscription WatchMailing($id: ID!) {\n    mailingProgress(mailingId: $id) { status total sent open }\n  }\n": typeof types.WatchMailingDocument,
};
const documents: Documents = {
    "\n  mutation MakeMailing($input: MailingInput!, $key: String!) {\n    mailingCreate(input: $input, idempotencyKey: $key) {\n      mailing { id status }\n      audienceCount\n      userErrors { field message code }\n    }\n  }\n": types.MakeMailingDocument,
    "\n  subscription WatchMailing($id: ID!) {\n    mailingProgress(mailingId: $id) { status total sent open }\n  }\n": types.WatchMailingDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation MakeMailing($input: MailingInput!, $key: String!) {\n    mailingCreate(input: $input, idempotencyKey: $key) {\n      mailing { id status }\n      audienceCount\n      userErrors { field message code }\n    }\n  }\n"): typeof import('./graphql.js').MakeMailingDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchMailing($id: ID!) {\n    mailingProgress(mailingId: $id) { status total sent open }\n  }\n"): typeof import('./graphql.js').WatchMailingDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
