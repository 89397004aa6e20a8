internal import Base

/// Frees what must not be freed on the thread that let go of it: the engine waits for its own callbacks.
enum Undertaker {
  private static let work = Monitor<[@Sendable () -> Void]>([])
  private static let worker = Worker {
    while true {
      let next = work.wait { $0.isEmpty ? nil : $0.removeFirst() }
      next()
    }
  }

  static func bury(_ body: @escaping @Sendable () -> Void) {
    _ = worker
    work.update { $0.append(body) }
  }
}
