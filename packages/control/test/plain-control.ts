/** A control segment over plain bytes, and a members' file, for tests that need no group. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { byteOf, LockFile, tokenOf } from '@dsm/lwlock'
import { ControlSegment } from '../src/control-segment.js'
import { geometry, MEMBER } from '../src/layout.js'

export interface Shape {
  readonly maxSegments?: number
  readonly maxMembers?: number
}

export function plainControl({ maxSegments = 16, maxMembers = 5 }: Shape = {}): ControlSegment {
  const { sizeBytes } = geometry(maxSegments, maxMembers)
  return ControlSegment.format(new ArrayBuffer(sizeBytes), {
    maxSegments,
    maxMembers,
    persist: false,
  })
}

/** Members of a control segment whose bytes are held by open files of this process. */
export class TestMembers {
  readonly #control: ControlSegment
  readonly #dir = mkdtempSync(join(tmpdir(), 'dsm-control-test-'))
  readonly #files: LockFile[] = []

  constructor(control: ControlSegment) {
    this.#control = control
  }

  /** An open file of its own, as every member has. */
  file(): LockFile {
    const file = LockFile.open(join(this.#dir, 'members'), { create: true })
    this.#files.push(file)
    return file
  }

  /** A live entry; its byte is held unless it is to be dead. */
  add(member: number, generation: number, alive: boolean): { token: number; file: LockFile } {
    const { words } = this.#control
    const at = this.#control.member(member)
    words[at + MEMBER.generation] = generation
    words[at + MEMBER.live] = 1
    words[at + MEMBER.pid] = 1000 + member
    const token = tokenOf(member, generation)
    const file = this.file()
    if (alive) file.take(byteOf(token))
    return { token, file }
  }

  end(): void {
    for (const file of this.#files) file.close()
    rmSync(this.#dir, { recursive: true })
  }
}
