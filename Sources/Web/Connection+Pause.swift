// Back-pressure on what a client sends.
extension Connection {
  /// Something that is sent has somewhere to go.
  var reads: Bool { isReading && !isPaused }

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
