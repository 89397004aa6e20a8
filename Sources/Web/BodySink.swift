/// Takes the body of a request part by part while it comes, however long it is: what a handler names in ``Handling/stream(limit:owner:to:)``.
///
/// All calls come from threads that may block (files, `fsync`, databases), never from a loop's, one after the other: first
/// ``begin(_:)``, then any number of ``append(_:)``, and last exactly one of ``end()`` and ``broken()``. While a sink is about 1 MiB
/// behind, nothing more is read from its client. A sink whose body was announced to be longer than its limit hears
/// nothing at all.
public protocol BodySink: Sendable {
  /// The request is there, and nothing of its body was waited for: the place to look whether it can be taken.
  ///
  /// A client that asked for it is told `100 Continue` once this has returned without an answer. The sink keeps the exchange, and
  /// answers through it in ``end()`` or later. An answer before that refuses the rest: what waits is dropped, ``broken()`` is the next
  /// call, and a small rest is read away, a larger one ends the connection behind the answer.
  func begin(_ exchange: Exchange)

  /// The next bytes of the body; never none, usually 64 KiB.
  func append(_ bytes: [UInt8])

  /// The body is complete, and its answer is waited for.
  func end()

  /// No more will come: the client left or was too slow, sent more than the limit or what is no body, was answered before the end, or
  /// the server ends.
  ///
  /// What came before was appended, but for what an early answer dropped. The server answers by itself where there is somebody to
  /// answer: an answer from here goes nowhere.
  func broken()
}
