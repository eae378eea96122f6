#!/usr/bin/env bash
# Makes the two environments of the peers that our benchmarks run beside us:
#
#   FOLDER/peers       every peer; dlib without BLAS, which is what `pip install dlib` builds on a machine
#                      that has no BLAS development files (most)
#   FOLDER/peers-blas  face_recognition alone; the same dlib linked with OpenBLAS
#
# Usage: benchmarks/peers/setup.sh [FOLDER]     FOLDER is .benchmarks/ in the checkout unless given
#        PYTHON=python3.12 benchmarks/peers/setup.sh
#
# Needs a C++ compiler and OpenBLAS's development files: dlib has no wheels and compiles for 5 to 20 minutes,
# twice. Running it again keeps an environment that is complete.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-$here/../../.benchmarks}
python=${PYTHON:-python3}
compiler=${CXX:-c++}

fail() {
    echo "setup.sh: $*" >&2
    exit 1
}

check_tools() {
    command -v "$compiler" >/dev/null ||
        fail "no C++ compiler ($compiler): dlib is built from source; on Debian: apt-get install g++"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "$python is older than Python 3.11; name a newer one in PYTHON"
    echo 'int main() {}' | "$compiler" -x c++ - -lopenblas -o /dev/null 2>/dev/null ||
        fail "no OpenBLAS to link with; on Debian: apt-get install libopenblas-dev"
}

new_environment() {
    "$python" -m venv --clear "$1"
    "$1/bin/python" -m pip install --quiet --upgrade pip
}

# pip keeps the wheels it builds, and both builds have one name and version: hence --no-cache-dir.
# CUDA is off in both, so that the comparison stays one of processors. BLAS is given by name, because the
# machine that makes the second environment has it, and dlib would take it for the first one as well.
install_dlib() {
    local environment=$1 blas=$2 pin
    pin=$(grep '^dlib==' "$here/requirements.txt")
    DLIB_USE_BLAS=$blas DLIB_USE_LAPACK=$blas DLIB_USE_CUDA=OFF \
        "$environment/bin/python" -m pip install --verbose --no-cache-dir --no-binary dlib "$pin" \
        >"$environment/dlib-build.log" 2>&1 ||
        fail "dlib did not build; see $environment/dlib-build.log"
}

check_blas() {
    "$1/bin/python" -c "import sys, dlib; sys.exit(dlib.DLIB_USE_BLAS != $2)" ||
        fail "dlib in $1 should have DLIB_USE_BLAS=$2; see $1/dlib-build.log"
}

make_peers() {
    local environment=$1
    new_environment "$environment"
    install_dlib "$environment" OFF
    "$environment/bin/python" -m pip install --quiet -r "$here/requirements.txt"
    "$environment/bin/python" -m pip install --quiet --no-deps -r "$here/requirements-no-deps.txt"
    check_blas "$environment" False
}

make_peers_blas() {
    local environment=$1
    new_environment "$environment"
    install_dlib "$environment" ON
    "$environment/bin/python" -m pip install --quiet -c "$here/requirements.txt" \
        face_recognition setuptools
    check_blas "$environment" True
}

# An environment counts as complete once its last step is done and for the same pins.
make_once() {
    local make=$1 environment=$2 pins
    pins=$(cat "$here/requirements.txt" "$here/requirements-no-deps.txt")
    if [[ -f $environment/pins && $(<"$environment/pins") == "$pins" ]]; then
        echo "$environment is complete"
        return
    fi
    echo "making $environment (dlib compiles for several minutes)"
    "$make" "$environment"
    echo "$pins" >"$environment/pins"
}

check_tools
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
make_once make_peers "$folder/peers"
make_once make_peers_blas "$folder/peers-blas"
