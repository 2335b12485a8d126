import DataLoader from 'dataloader';

/**
 * Loads what many fields of one request ask for with one query. Nothing is remembered beyond that query: a subscription's
 * request may last for days.
 *
 * @param load gives a value for each key, in the keys' order; keys are distinct
 */
export function batchPerRequest<R extends object, K, V>(
  load: (request: R, keys: readonly K[]) => Promise<V[]>,
): (request: R, key: K) => Promise<V> {
  const loaders = new WeakMap<R, DataLoader<K, V>>();
  return (request, key) => {
    let loader = loaders.get(request);
    if (loader === undefined) {
      const loadBatch = async (keys: readonly K[]) => {
        const distinct = [...new Set(keys)];
        const values = await load(request, distinct);
        const byKey = new Map(distinct.map((k, at) => [k, values[at] as V]));
        return keys.map((k) => byKey.get(k) as V);
      };
      loader = new DataLoader(loadBatch, { cache: false });
      loaders.set(request, loader);
    }
    return loader.load(key);
  };
}
