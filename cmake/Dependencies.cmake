# The one place where every third-party part is declared: name, version, licence, source, checksum.
#
# Debian packages come from apt (installed by ./setup); everything else is fetched from a package registry by its
# ordinary client and verified against the SHA-256 below, with the upstream address as second source.
# Nothing here is built with -march=native: CPU kernels are chosen at run time.

# --- Debian packages (bookworm) -----------------------------------------------------------------------------------
# FFmpeg 5.1 (GPL in Debian's build), CLI11 2.1 (BSD-3), nlohmann-json 3.11 (MIT), toml++ 3.3 (MIT), libcurl 7.88 (curl),
# OpenSSL 3.0 (Apache-2.0), libarchive 3.6 (BSD), libjpeg-turbo 2.1 (IJG/BSD), libpng 1.6 (libpng), zlib 1.2 (Zlib),
# GoogleTest 1.12 (BSD-3).
set(CINESCRIBE_DEBIAN_PACKAGES
  build-essential cmake ninja-build pkg-config ccache git patch curl ca-certificates
  python3 python3-pip npm
  libavcodec-dev libavformat-dev libavutil-dev libswscale-dev libswresample-dev ffmpeg
  libcli11-dev nlohmann-json3-dev libtomlplusplus-dev libcurl4-openssl-dev libssl-dev libarchive-dev
  libturbojpeg0-dev libpng-dev zlib1g-dev libgtest-dev libgmock-dev)
# What tests and gates need besides: the second compiler, formatter, linter, fuzzing runtime, JSON Schema validator,
# and a browser (113 MB to fetch) without which the tests of the report's page would be skipped.
set(CINESCRIBE_DEBIAN_GATE_PACKAGES
  clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev python3-jsonschema chromium)

# --- ONNX Runtime (MIT): shared library from the Python wheel, headers kept in third_party/onnxruntime ----------------
set(CINESCRIBE_ORT_VERSION 1.29.0)
set(CINESCRIBE_ORT_WHEEL_SHA256_x86_64 85f8e8406c52658735fe5c7fbfd3ebaa1ed340768324f6252e4274e374580a23)
set(CINESCRIBE_ORT_WHEEL_SHA256_aarch64 16925ef8497e2c07e4b5ae15b504079b3ab3f65e22c58efd10dde0f3caea969a)
set(CINESCRIBE_ORT_UPSTREAM "https://github.com/microsoft/onnxruntime/releases/download/v${CINESCRIBE_ORT_VERSION}")
set(CINESCRIBE_ORT_TGZ_SHA256_x86_64 c3fddc4f139a045b0c4902c57410f0694f1c2fdf9b6939fbe38b1aeae7cd14ba)
set(CINESCRIBE_ORT_TGZ_SHA256_aarch64 e1799098ebc054b370f6176a450f158720f297818c613e5dc99b92e2ec82346f)

# --- llama.cpp with ggml (MIT) ------------------------------------------------------------------------------------
set(CINESCRIBE_LLAMA_VERSION v0.5.0)
set(CINESCRIBE_GGML_VERSION 0.25.1)
set(CINESCRIBE_LLAMA_NPM node-llama-cpp)
set(CINESCRIBE_LLAMA_NPM_VERSION 3.22.1)
set(CINESCRIBE_LLAMA_NPM_SHA256 a0d9dd80eacd2ab1cfe71aee57ac8a806487fd70b3d2a38fbec637752d9e5c5f)
set(CINESCRIBE_LLAMA_BUNDLE_COMMIT de3ff815ea7d559ee917f063901b8986f038abc6)
set(CINESCRIBE_LLAMA_TREE fd570ef54b10ec5fecb739e7e04c8ce44a6f415a)  # the same in the bundle and upstream
set(CINESCRIBE_LLAMA_UPSTREAM "https://github.com/ggml-org/llama.cpp")

# --- whisper.cpp (MIT), on llama.cpp's ggml -----------------------------------------------------------------------
set(CINESCRIBE_WHISPER_VERSION 1.9.1)
set(CINESCRIBE_WHISPER_NPM nodejs-whisper)
set(CINESCRIBE_WHISPER_NPM_VERSION 0.3.1)
set(CINESCRIBE_WHISPER_NPM_SHA256 92041caf2b26c74b7f489fedf37bd093f216eebd61df512045ec2d19d0531d37)
set(CINESCRIBE_WHISPER_UPSTREAM "https://github.com/ggml-org/whisper.cpp")
