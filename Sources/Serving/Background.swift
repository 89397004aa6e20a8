internal import Base

/// A thread for what is not waited for: freeing what must not be freed on the engine's own threads, which it waits for, and loading
/// what makes things quicker later.
enum Background {
  private static let work = Monitor<[@Sendable () -> Void]>([])
  private static let worker = NativeThread {
    while true {
      let next = work.wait { $0.isEmpty ? nil : $0.removeFirst() }
      next()
    }
  }

  static func run(_ body: @escaping @Sendable () -> Void) {
    _ = worker
    work.update { $0.append(body) }
  }
}
