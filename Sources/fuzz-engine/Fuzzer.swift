import Base
import Fuzz
import Glibc

// libFuzzer has the main function and calls this one for every input; RIDLEY_FUZZ_TARGET says where the input goes.

private let target: FuzzTarget = {
  guard let name = getenv("RIDLEY_FUZZ_TARGET"), let target = FuzzTarget(rawValue: String(cString: name)) else {
    let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
    fatalError("set RIDLEY_FUZZ_TARGET to one of \(names)")
  }
  return target
}()

private nonisolated(unsafe) let scratch: Scratch = {
  do { return try Scratch() } catch { fatalError("\(error)") }
}()

@c public func LLVMFuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do {
    try scratch.hold(bytes)
    try target.enter(bytes, file: scratch.path)
  } catch {
    precondition(error.kind != .bug, error.message)
  }
  return 0
}
