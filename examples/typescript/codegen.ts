import type { CodegenConfig } from '@graphql-codegen/cli';

/** Makes `generated/` from the schema and the operations in mailing.ts: `npx graphql-codegen -c examples/typescript/codegen.ts`. */
export default {
  schema: 'schema.graphql',
  documents: 'examples/typescript/mailing.ts',
  generates: {
    'examples/typescript/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
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
