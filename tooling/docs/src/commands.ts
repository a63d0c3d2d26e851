/**
 * The commands of `sh` blocks, one a line, comments taken off. A `cd` counts to the end of its
 * block.
 */
import { join } from 'node:path'
import { allBlocks, root } from './blocks.js'

export interface Command {
  readonly doc: string
  readonly line: number
  /** Where it is given: the root, or where the `cd` before it leads. */
  readonly directory: string
  readonly text: string
}

export function allCommands(): Command[] {
  return allBlocks()
    .filter(({ language, notRun }) => language === 'sh' && notRun === null)
    .flatMap(({ doc, line, body }) => {
      let directory = root
      return body.split('\n').flatMap((row, index) =>
        row
          .replace(/(?:^|\s)#.*/, '')
          .split(' && ')
          .flatMap(part => {
            const text = part.trim()
            if (text.startsWith('cd ')) directory = join(root, text.slice(3))
            const isCommand = text !== '' && !text.startsWith('cd ')
            return isCommand ? [{ doc, line: line + 1 + index, directory, text }] : []
          }),
      )
    })
}
