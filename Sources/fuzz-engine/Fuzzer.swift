import Base
import Fuzz
import Glibc

// libFuzzer has the main function and calls this one for every input; RIDLEY_FUZZ_DOOR says where the input goes.

private let door: Door = {
  guard let name = getenv("RIDLEY_FUZZ_DOOR"), let door = Door(rawValue: String(cString: name)) else {
    let names = Door.allCases.map(\.rawValue).joined(separator: ", ")
    fatalError("set RIDLEY_FUZZ_DOOR to one of \(names)")
  }
  return door
}()

private nonisolated(unsafe) let scratch: Scratch = {
  do { return try Scratch() } catch { fatalError("\(error)") }
}()

@c public func LLVMFuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do {
    try scratch.hold(bytes)
    try door.enter(bytes, file: scratch.path)
  } catch {
    precondition(error.kind != .bug, error.message)
  }
  return 0
}
