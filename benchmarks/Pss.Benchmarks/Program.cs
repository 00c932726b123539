using Pss.Benchmarks;

var benchmarks = new SortedDictionary<string, (string What, Action<string[]> Run)>(StringComparer.Ordinal)
{
};

if (args.Length == 0 || !benchmarks.TryGetValue(args[0], out var benchmark))
{
    Console.WriteLine("Benchmarks: ./build.sh bench NAME");
    foreach (var (name, (what, _)) in benchmarks)
        Console.WriteLine($"  {name,-12} {what}");
    return args.Length == 0 ? 0 : 2;
}
benchmark.Run(args[1..]);
return 0;
