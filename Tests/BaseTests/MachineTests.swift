import TestKit
import Testing

@testable import Base

@Suite struct MachineTests {
  @Test func `a machine's figures are read, and what it does not tell is left out`() throws {
    let folder = TemporaryFolder()
    func write(_ text: String, _ path: String) throws {
      try FileSystem.makeFolder(FileSystem.folder(of: folder.file(path)))
      try FileSystem.write(Array(text.utf8), to: folder.file(path))
    }
    try write("0.52 0.40 0.31 1/234 5678\n", "proc/loadavg")
    try write("3600.25 7000.0\n", "proc/uptime")
    try write("MemTotal:        1024 kB\nMemFree: 1 kB\nMemAvailable:     512 kB\nOdd\n", "proc/meminfo")
    try write("48312\n", "sys/class/thermal/thermal_zone0/temp")
    try write("61000\n", "sys/class/thermal/thermal_zone1/temp")
    try write("-274000\n", "sys/class/thermal/thermal_zone2/temp")
    // A Raspberry Pi says this now and then, and other boards refuse to be read.
    try write("-650788984\n", "sys/class/thermal/thermal_zone3/temp")
    try FileSystem.makeFolder(folder.file("sys/class/thermal/thermal_zone4/temp"))
    try write("99000\n", "sys/class/thermal/cooling_device0/temp")
    let figures = MachineFigures(root: folder.path)
    #expect(figures.load == [0.52, 0.4, 0.31] && figures.uptime == 3600.25 && figures.temperature == 61)
    #expect(figures.memoryBytes == 1 << 20 && figures.availableBytes == 512 << 10)
    #expect(MachineFigures(root: folder.file("nothing")) == MachineFigures(root: "/nowhere"))
    #expect(MachineFigures.now.memoryBytes ?? 0 > 0)
  }

  @Test func `memory of its own is told from what is a file's`() {
    let memory = ProcessMemory(
      status:
        "VmHWM:\t    3000 kB\nVmRSS:\t    2000 kB\nRssAnon:\t    900 kB\nRssFile:\t    1000 kB\nRssShmem:\t    100 kB\n"
    )
    #expect(memory.bytes == 900 << 10 && memory.mostBytes == 1900 << 10)
    #expect(ProcessMemory(status: "odd") == ProcessMemory(status: ""))
    #expect(ProcessMemory.now.bytes > 0 && ProcessMemory.now.mostBytes >= ProcessMemory.now.bytes)
  }

  @Test func `a log keeps its last lines, by number and by bytes`() {
    var log = LogRing(lines: 3, bytes: 160)
    for number in 1...10 { log.add("line \(number)", isFault: number % 2 == 0, at: number) }
    #expect(log.last(9).map(\.at) == [8, 9, 10] && log.last(2).map(\.at) == [9, 10])
    #expect(log.last(1, faultsOnly: true).map(\.at) == [10] && log.last(9, faultsOnly: true).map(\.at) == [8, 10])
    log.add(String(repeating: "x", count: 200), isFault: false, at: 11)
    #expect(log.last(9).map(\.text) == ["line 9", "line 10", "xxxxxxxxxx…"], "of a long line the beginning")
    log = LogRing(lines: 100, bytes: 160)
    for number in 1...1000 { log.add(String(repeating: "x", count: 10), isFault: false, at: number) }
    #expect(log.last(100).map(\.at) == Array(985...1000))
  }

  @Test func `a thread that keeps to one core has one, and leaves others as they were`() {
    let before = Processor.allowed
    let seen = Monitor<[Int]>([])
    let thread = NativeThread {
      let isKept = Processor.keep(to: 1)
      seen.update { $0 = [isKept ? 1 : 0, Processor.allowed] }
    }
    thread.join()
    #expect(seen.update { $0 } == [1, 1] && Processor.allowed == before && Processor.count >= 1)
  }
}
