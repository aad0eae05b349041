/** True where one of the origins is meant: "https://a.example", or every host below a name, "https://*.example". */
export function isAmong(origins: readonly string[], origin: string): boolean {
  return origins.some((allowed) => {
    const [scheme = '', host = ''] = allowed.split('://');
    if (!host.startsWith('*.')) return allowed === origin;
    return (
      origin.startsWith(`${scheme}://`) &&
      origin.endsWith(host.slice(1)) &&
      !origin.slice(scheme.length + 3).startsWith('.')
    );
  });
}
