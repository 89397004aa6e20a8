// Back-pressure on what a client sends.
extension Connection {
  /// Reads nothing until ``resume()``.
  func pause() { isPaused = true }

  func resume() {
    guard isPaused else { return }
    isPaused = false
    updateInterest()
    // What TLS has read ahead does not make the socket readable.
    if isSecure, !isClosed { loop.readAgain(self) }
  }
}
