/** What the parser of the tests returns; it comes without types. */
declare module 'parse-prometheus-text-format' {
  export interface Family {
    name: string
    help: string
    type: string
    metrics: { labels?: Record<string, string>; value: string }[]
  }
  export default function parse(text: string): Family[]
}
