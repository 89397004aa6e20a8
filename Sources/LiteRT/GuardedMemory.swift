internal import Glibc

/// Pages of its own, and behind them one that may not be touched.
///
/// LiteRT copies an output whose size only a run tells without looking how much room there is: it must not reach anybody's memory.
@safe
final class GuardedMemory: @unchecked Sendable {  // its runner's thread alone uses it
  let bytes: UnsafeMutableRawBufferPointer
  private let mapped: Int

  private static let page = 4096
  /// Its kernels read whole vectors, and so a few bytes beyond an end.
  private static let slack = 256

  /// Zeros; `nil` where the system gives no memory.
  ///
  /// What is not touched costs nothing.
  init?(byteCount: Int) {
    let whole = (byteCount + Self.slack + Self.page - 1) / Self.page * Self.page
    mapped = whole + Self.page
    guard
      let start = unsafe mmap(
        nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
      unsafe start != MAP_FAILED
    else { return nil }
    unsafe bytes = UnsafeMutableRawBufferPointer(start: start, count: byteCount)
    guard unsafe mprotect(start + whole, Self.page, PROT_NONE) == 0 else { return nil }
  }

  deinit { unsafe munmap(bytes.baseAddress, mapped) }
}
