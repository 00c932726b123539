#!/usr/bin/env bash
# The one script: sets the machine up and runs a target. `./build.sh help` lists them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

onnxruntime_version=1.30.0
onnxruntime_sha512=b7086cd42d82fc1164cf5c9ce4e634288536194aba0d444eee10f86f1e50d90cb79c0309c115d6f31537355733136f5503d96894b3987a9a03f1f8d318e7c8ab
# OpenBLAS on OpenMP: on threads of its own it would fight with those of libtorch.
debian_packages=(libtorch-dev libopenblas0-openmp libgdk-pixbuf-2.0-0 cmake g++ make)
peer_packages=(python3-torch python3-torchvision)

say() { printf '[build] %s\n' "$*"; }
fail() { printf '[build] %s\n' "$*" >&2; exit 1; }

usage() {
  cat <<'TEXT'
./build.sh TARGET [ARGUMENTS]

  demo    generates scenes, trains a small FCOS_PSS, evaluates it with and without NMS, writes a report
  test    builds everything and runs all tests; the last line is "N passed, N failed"
  bench   runs a benchmark by name: ./build.sh bench NAME; without a name it lists them
  api     checks that the stand-ins have no public member that the real packages lack
  pack    makes the NuGet packages in artifacts/packages
  clean   removes what the build made, set-up included
  help    prints this text

Environment
  UseStandIns=true|false   takes stand-ins or the real packages without asking the feed
  LIBTORCH=FOLDER          builds the stand-in of TorchSharp on the libtorch in that folder
  PYTHON_TORCH=PYTHON      ... or on the one inside that Python's torch package
TEXT
}

# ---- where the packages come from -------------------------------------------------------------------------------------------------

probe_feed() { # 0: the feed has the real packages; 1: it lacks one; other problems end the script
  local folder log name version references=''
  folder=$(mktemp -d)
  # TorchSharp-cpu brings libtorch, hundreds of megabytes: it is asked for last, once all others are there.
  for name in Microsoft.ML Microsoft.ML.ImageAnalytics Microsoft.ML.OnnxTransformer TorchSharp TorchSharp-cpu; do
    version=$(sed -nE "s/.*Include=\"$name\" Version=\"([^\"]*)\".*/\1/p" Directory.Packages.props)
    references+="<PackageReference Include=\"$name\" Version=\"[$version]\" />"
    [[ $name == Microsoft.ML* ]] && [[ $name != *OnnxTransformer ]] && continue
    printf '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net8.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup><ItemGroup>%s</ItemGroup></Project>' \
      "$references" > "$folder/probe.csproj"
    # Without the lock: what dotnet leaves running must not hold it.
    if log=$(dotnet restore "$folder/probe.csproj" 2>&1 9>&-); then continue; fi
    rm -rf "$folder"
    if grep -qE 'NU1101|NU1102' <<< "$log"; then return 1; fi
    fail "The package feed cannot be reached ($(grep -m1 -oE 'NU[0-9]+: [^.]*' <<< "$log" || head -n1 <<< "$log")): mend the network or the feed, see 'dotnet nuget list source', and run this again."
  done
  rm -rf "$folder"
}

write_switch() {
  printf '<Project><PropertyGroup><UseStandIns>%s</UseStandIns></PropertyGroup></Project>\n' "$1" > StandIns.props.new
  mv StandIns.props.new StandIns.props
}

choose_packages() {
  if [[ -n ${UseStandIns:-} ]]; then
    [[ $UseStandIns == true || $UseStandIns == false ]] || fail "UseStandIns is '$UseStandIns': set it to true or false."
    if ! grep -qs ">$UseStandIns<" StandIns.props; then write_switch "$UseStandIns"; say "UseStandIns=$UseStandIns, as asked."; fi
  elif [[ ! -f StandIns.props ]]; then
    if probe_feed; then
      write_switch false; say "The feed has the real packages: using them."
    else
      write_switch true; say "The feed lacks the real packages: using the stand-ins (switch: StandIns.props)."
    fi
  fi
}

# ---- what the stand-ins need ------------------------------------------------------------------------------------------------------

install_debian() { # PACKAGE...
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  local command="apt-get install -y --no-install-recommends ${missing[*]}"
  command -v apt-get > /dev/null || fail "Missing: ${missing[*]}. There is no apt-get here: install what corresponds to them, or set LIBTORCH."
  [[ $(id -u) == 0 ]] || fail "Missing: ${missing[*]}. Run: sudo $command"
  say "Installing ${missing[*]}."
  { DEBIAN_FRONTEND=noninteractive $command || { apt-get update && DEBIAN_FRONTEND=noninteractive $command; }; } > artifacts/apt.log 2>&1 ||
    fail "'$command' failed: $(grep -m1 -E '^E:' artifacts/apt.log || tail -n1 artifacts/apt.log). Mend it and run this again."
}

install_onnxruntime() {
  local architecture folder=$root/artifacts/npm package=onnxruntime-node
  local target=artifacts/onnxruntime/libonnxruntime.so.1 stamp=artifacts/onnxruntime/$onnxruntime_version
  [[ -s $target && -f $stamp ]] && return 0
  case $(uname -m) in
    x86_64) architecture=x64 ;;
    aarch64) architecture=arm64 ;;
    *) fail "ONNX Runtime's npm package has no library for $(uname -m)." ;;
  esac
  command -v npm > /dev/null || install_debian npm
  rm -rf "$folder"
  mkdir -p "$folder"
  (cd "$folder" && npm pack --silent --ignore-scripts "$package@$onnxruntime_version") > artifacts/npm.log 2>&1 ||
    fail "npm could not fetch $package@$onnxruntime_version: $(grep -m1 -iE 'err' artifacts/npm.log || true) Mend the network, see 'npm ping', and run this again."
  echo "$onnxruntime_sha512  $folder/$package-$onnxruntime_version.tgz" | sha512sum --check --status ||
    fail "$package-$onnxruntime_version.tgz is not the file that was pinned: fetch it again, or set onnxruntime_sha512 in build.sh."
  tar -xzf "$folder/$package-$onnxruntime_version.tgz" -C "$folder" --wildcards "*/linux/$architecture/libonnxruntime.so.1"
  mkdir -p artifacts/onnxruntime
  mv "$(find "$folder" -name libonnxruntime.so.1)" $target.new
  mv $target.new $target
  touch "$stamp"
  rm -rf "$folder"
  say "Fetched ONNX Runtime $onnxruntime_version."
}

native_fault() { # CMake's message, which it breaks into lines, or the compiler's first error
  local fault
  fault=$(awk '/CMake Error/ { found = 1; next } found && !NF { exit } found' artifacts/native.log | tr -s ' \n' ' ')
  if [[ -n $fault ]]; then echo "$fault"; else grep -m1 'error:' artifacts/native.log || true; fi
}

build_native() {
  local stamp fingerprint source=standins/TorchSharp/native target=artifacts/native/libpss_torch.so
  local options=()
  [[ -n ${LIBTORCH:-} ]] && options+=(-DLIBTORCH="$LIBTORCH")
  [[ -n ${PYTHON_TORCH:-} ]] && options+=(-DPYTHON_TORCH="$PYTHON_TORCH")
  fingerprint=$({ cat $source/*; echo "${options[*]:-}"; dpkg-query -W -f '${Version}' libtorch-dev 2> /dev/null || true; } | sha256sum | cut -d' ' -f1)
  stamp=artifacts/native/$fingerprint
  [[ -s $target && -f $stamp ]] && return 0
  # Always from nothing: what a killed or failed build left cannot be trusted.
  rm -rf artifacts/native-build artifacts/native
  mkdir -p artifacts/native
  { cmake -S $source -B artifacts/native-build -DCMAKE_BUILD_TYPE=Release "${options[@]}" &&
    cmake --build artifacts/native-build --parallel "$(nproc)"; } > artifacts/native.log 2>&1 ||
    fail "The native library did not build: $(native_fault) The whole log: artifacts/native.log. Mend it and run this again."
  mv artifacts/native-build/libpss_torch.so $target
  touch "$stamp"
  say "Built the native library on $(grep -m1 -oE 'libtorch [0-9.]+' artifacts/native.log || echo libtorch)."
}

set_up() {
  command -v dotnet > /dev/null || fail "The .NET SDK is missing: install dotnet-sdk-10.0 and run this again."
  mkdir -p artifacts
  exec 9> artifacts/lock
  flock -n 9 || { say "Another run is setting up here: waiting for it."; flock 9; }
  choose_packages
  if grep -q '>true<' StandIns.props; then
    if [[ -n ${LIBTORCH:-}${PYTHON_TORCH:-} ]]; then install_debian libgdk-pixbuf-2.0-0 cmake g++ make; else install_debian "${debian_packages[@]}"; fi
    install_onnxruntime
    build_native
  fi
  flock -u 9
}

# ---- targets ----------------------------------------------------------------------------------------------------------------------

run_tests() {
  local passed=0 failed=0 project log line
  log=$(mktemp)
  if ! dotnet build Pss.MLNet.sln -c Release -v quiet --nologo > "$log" 2>&1; then
    cat "$log"; rm -f "$log"
    echo "0 passed, 1 failed"; exit 1
  fi
  if [[ -d ../shared/api ]] && grep -q '>true<' StandIns.props; then
    if check_api; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  fi
  for project in tests/*.Tests/*.csproj; do
    dotnet test "$project" -c Release --no-build --nologo "$@" 2>&1 | tee "$log" || true
    line=$(grep -E 'Failed: +[0-9]+, Passed: +[0-9]+' "$log" | tail -n1 || true)
    if [[ -z $line ]]; then
      say "$project ended without a result."; failed=$((failed + 1)); continue
    fi
    passed=$((passed + $(sed -E 's/.*Passed: +([0-9]+).*/\1/' <<< "$line")))
    failed=$((failed + $(sed -E 's/.*Failed: +([0-9]+).*/\1/' <<< "$line")))
    # A host that dies after its last result is a failure too.
    if grep -q 'Test Run Aborted' "$log"; then failed=$((failed + 1)); fi
  done
  rm -f "$log"
  echo "$passed passed, $failed failed"
  [[ $failed == 0 && $passed -gt 0 ]]
}

check_api() {
  local dump=artifacts/api-dump tool name surplus bad=0
  [[ -d ../shared/api ]] || fail "The real packages' public surface (../shared/api) is not here: nothing to check against."
  mkdir -p $dump/tool
  cp -f ../shared/tools/api-dump/* $dump/tool/
  printf '<Project />' | tee $dump/tool/Directory.Build.props $dump/tool/Directory.Build.targets > $dump/tool/Directory.Packages.props
  dotnet build $dump/tool/ApiDump.csproj -c Release -v quiet --nologo -o $dump/bin > $dump/log 2>&1 || { cat $dump/log; return 1; }
  for name in TorchSharp Microsoft.ML Microsoft.ML.ImageAnalytics Microsoft.ML.OnnxTransformer; do
    dotnet build standins/$name/$name.csproj -c Release -v quiet --nologo > $dump/log 2>&1 || { cat $dump/log; return 1; }
    tool=standins/$name/bin/Release/net8.0
    dotnet $dump/bin/ApiDump.dll --canon -r standins/Microsoft.ML/bin/Release/net8.0 -o $dump/$name.txt $tool/$name.dll
    surplus=$(LC_ALL=C comm -23 <(LC_ALL=C sort -u $dump/$name.txt) <(LC_ALL=C sort -u ../shared/api/canon/$name.txt))
    if [[ -z $surplus ]]; then
      say "$name: $(wc -l < $dump/$name.txt) public lines, each one in the real package."
    else
      say "$name has public lines that the real package lacks:"; echo "$surplus"; bad=1
    fi
  done
  return $bad
}

target=${1:-help}
shift || true
case $target in
  help | -h | --help) usage ;;
  clean)
    rm -rf artifacts StandIns.props
    find . -type d \( -name bin -o -name obj -o -name TestResults \) -not -path './.git/*' -prune -exec rm -rf {} + ;;
  test) set_up; run_tests "$@" ;;
  api) set_up; check_api ;;
  demo) set_up; exec dotnet run -c Release --project samples/Demo -- "$@" ;;
  bench)
    set_up
    if grep -q '>true<' StandIns.props && [[ $(id -u) == 0 ]]; then install_debian "${peer_packages[@]}"; fi
    exec dotnet run -c Release --project benchmarks/Pss.Benchmarks -- "$@" ;;
  pack)
    set_up
    rm -rf artifacts/packages
    for project in src/*/*.csproj; do dotnet pack "$project" -c Release -v quiet --nologo -o "$root/artifacts/packages"; done
    ls artifacts/packages ;;
  *) usage >&2; fail "There is no target '$target'." ;;
esac
