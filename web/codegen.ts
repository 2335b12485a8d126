import type { CodegenConfig } from '@graphql-codegen/cli';

/**
 * Makes `web/generated/` from schema.graphql and the `.graphql` files beside the pages; every build of the pages does it first.
 * Pages import the documents that they use from `generated/graphql.js`: what nobody imports is left out of the build.
 */
export default {
  schema: 'schema.graphql',
  documents: 'web/**/*.graphql',
  ignoreNoDocuments: true,
  generates: {
    'web/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        onlyOperationTypes: true,
        importExtension: '.js',
        emitLegacyCommonJSImports: false,
        strictScalars: true,
        scalars: {
          DateTime: 'string',
          JSONObject: 'Record<string, unknown>',
          LocalTime: 'string',
          PhoneNumber: 'string',
          SafeInt: 'number',
          TimeZone: 'string',
        },
      },
    },
  },
} satisfies CodegenConfig;
