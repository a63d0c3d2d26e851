/**
 * The commands of `sh` blocks, one a line. A `cd` counts to the end of its block. Of a comment
 * behind a command only one thing counts: "ends with 1" says which exit status is right.
 */
import { join } from 'node:path'
import { allBlocks, root } from './blocks.js'

export interface Command {
  readonly doc: string
  readonly line: number
  /** Where it is given: the root, or where the `cd` before it leads. */
  readonly directory: string
  readonly text: string
  readonly status: number
}

const COMMENT = /(?:^|\s)#.*/
const STATUS = /#.*\bends with (\d)/

export function allCommands(): Command[] {
  return allBlocks()
    .filter(({ language, notRun }) => language === 'sh' && notRun === null)
    .flatMap(({ doc, line, body }) => {
      let directory = root
      return body.split('\n').flatMap((row, index) =>
        row
          .replace(COMMENT, '')
          .split(' && ')
          .flatMap(part => {
            const text = part.trim()
            if (text.startsWith('cd ')) directory = join(root, text.slice(3))
            if (text === '' || text.startsWith('cd ')) return []
            const status = Number(STATUS.exec(row)?.[1] ?? 0)
            return [{ doc, line: line + 1 + index, directory, text, status }]
          }),
      )
    })
}
