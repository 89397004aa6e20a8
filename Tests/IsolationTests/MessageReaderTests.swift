import Testing

@testable import Isolation

struct InletTests {
  private func wire(_ message: Message) -> [UInt8] {
    [message.kind] + (0..<4).map { UInt8(truncatingIfNeeded: message.bytes.count >> (8 * $0)) } + message.bytes
  }

  @Test("Messages come out whole and in order, however the bytes were cut")
  func cuts() {
    let messages = [
      Message(kind: 1), Message(kind: 2, bytes: [7]), Message(kind: 255, bytes: Array(repeating: 9, count: 70_000)),
      Message(kind: 3, bytes: []),
    ]
    let bytes = messages.flatMap(wire)
    for size in [1, 2, 5, 6, 4096, bytes.count] {
      var inlet = MessageReader()
      var got: [Message] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        inlet.append(bytes[start..<min(bytes.count, start + size)])
        while let message = inlet.next() { got.append(message) }
      }
      #expect(got == messages)
    }
  }

  @Test("A message that was cut off by a crash never comes")
  func cutOff() {
    let bytes = wire(Message(kind: 4, bytes: [1, 2, 3]))
    for count in 0..<bytes.count {
      var inlet = MessageReader()
      inlet.append(bytes.prefix(count))
      #expect(inlet.next() == nil)
    }
  }
}
