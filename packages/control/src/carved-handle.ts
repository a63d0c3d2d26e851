/**
 * Handles of segments in the main region: `1 | slot << 1 | counter`. Such a handle says which slot
 * it is, so no index is needed to find one, and a stale one names nobody for as many uses of the
 * slot as the counter has values. Where the bits stand is a function of the geometry.
 * Seed: make_main_region_dsm_handle, whose shift is one too small, so that two slots can share a
 * handle.
 */
import type { ControlSegment } from './control-segment.js'

/** Of the `uses`-th use of a slot. int32. */
export function carvedHandle(control: ControlSegment, slot: number, uses: number): number {
  return 1 | (slot << 1) | (uses << control.geometry.handleShift)
}

/** The only slot that can bear this odd handle; perhaps beyond the last. */
export function slotOfCarved(control: ControlSegment, handle: number): number {
  return (handle & ((1 << control.geometry.handleShift) - 1)) >>> 1
}
