@echo off
rem Starts the warehouse's command line from a fresh clone: the same launcher as `ahp`, for Windows.
rem Why it is built this way: docs\decisions\0010-launcher-and-stamp.md
setlocal EnableExtensions DisableDelayedExpansion

set "UV_WANTED=uv>=0.13,<0.14"
set "PYTHON_WANTED=>=3.11,<3.14"

for %%I in ("%~dp0.") do set "ROOT=%%~fI"
set "VENV=%ROOT%\.venv"
set "TOOLS=%ROOT%\.tools"
set "STAMP=%VENV%\.ahp-ready"

rem An environment the caller has active, or names for another project, is not this project's.
set "VIRTUAL_ENV="
set "UV_PROJECT_ENVIRONMENT=%VENV%"
set "UV_PYTHON_DOWNLOADS=never"

rem The stamp holds two lines: the folder the environment was installed in, and the uv that installed it.
set "INSTALLED_IN="
set "UV="
if not exist "%STAMP%" goto install
for /f "usebackq delims=" %%L in ("%STAMP%") do call :read_stamp_line "%%L"
if not defined INSTALLED_IN goto install
if not defined UV goto install
if /i not "%INSTALLED_IN%"=="%ROOT%" goto install
if not exist "%UV%" goto install
if not exist "%VENV%\Scripts\python.exe" goto install
rem With /d and /l, xcopy copies nothing and names the file only where it is newer than the stamp.
set "SYSTEM=%SystemRoot%\System32"
"%SYSTEM%\xcopy.exe" "%ROOT%\uv.lock" "%STAMP%" /d /l /y <nul 2>nul | "%SYSTEM%\find.exe" "uv.lock" >nul
if not errorlevel 1 goto install
"%SYSTEM%\xcopy.exe" "%ROOT%\pyproject.toml" "%STAMP%" /d /l /y <nul 2>nul | "%SYSTEM%\find.exe" "pyproject.toml" >nul
if not errorlevel 1 goto install

:run
"%UV%" run --project "%ROOT%" --frozen --no-sync ahp %*
exit /b %ERRORLEVEL%

:install
rem Programs in an environment carry its absolute path, so a clone that was moved is installed anew.
if defined INSTALLED_IN if /i not "%INSTALLED_IN%"=="%ROOT%" rmdir /s /q "%VENV%"
call :find_uv
if defined UV if exist "%VENV%\Scripts\python.exe" goto sync
set "PYTHON_BELOW=3, 14"
call :find_python
if defined PYTHON if not defined UV_PYTHON set "UV_PYTHON=%PYTHON%"
if defined PYTHON goto have_python
if not defined UV goto newer_python
"%UV%" python find --no-project "%PYTHON_WANTED%" >nul 2>&1 <nul
if not errorlevel 1 goto sync
:newer_python
rem A newer Python can bring uv, and uv a Python that what is installed here can run on.
set "PYTHON_BELOW=4, 0"
call :find_python
if not defined PYTHON goto no_python
if not defined UV_PYTHON set "UV_PYTHON=%PYTHON_WANTED%"
set "UV_PYTHON_DOWNLOADS=automatic"
goto have_python
:no_python
>&2 echo ahp: no suitable Python was found on this machine: Python 3.11 or later is needed.
>&2 echo ahp: Install one, make sure it is on PATH, and run the same command again.
exit /b 2

:have_python
if not defined UV call :bring_uv
if not defined UV exit /b 2

:sync
if exist "%VENV%\Scripts\python.exe" (
    >&2 echo ahp: bringing the installation in .venv up to date.
) else (
    >&2 echo ahp: installing into .venv; this happens once and takes a minute or two.
)
rem Where a proxy opens secure connections, the machine's own certificates know it and those that uv carries do not.
if not defined UV_SYSTEM_CERTS set "UV_SYSTEM_CERTS=true"
"%UV%" sync --project "%ROOT%" --frozen --compile-bytecode <nul 1>&2
if errorlevel 1 (
    >&2 echo ahp: the installation did not finish, see above. It needs the network, once.
    >&2 echo ahp: Behind a proxy set HTTPS_PROXY. Then run the same command again: what was fetched already is kept.
    exit /b 2
)
rem What this leaves undone is done, or explained, when it is first needed.
"%UV%" run --project "%ROOT%" --frozen --no-sync python -m dagster_project.prepare <nul >nul 2>&1
rem Paths are written with delayed expansion, which leaves an ampersand in them alone.
setlocal EnableDelayedExpansion
>"!STAMP!.new" echo !ROOT!
>>"!STAMP!.new" echo !UV!
move /y "!STAMP!.new" "!STAMP!" >nul
endlocal
goto run

:read_stamp_line
if defined INSTALLED_IN set "UV=%~1"
if not defined INSTALLED_IN set "INSTALLED_IN=%~1"
exit /b 0

rem A name on PATH can be the shim of a version manager that has nothing behind it, so each candidate is run.
:find_uv
set "UV="
for %%I in (uv.exe) do if not "%%~$PATH:I"=="" call :try_uv "%%~$PATH:I"
if not defined UV call :try_uv "%TOOLS%\Scripts\uv.exe"
if not defined UV call :try_uv "%TOOLS%\bin\uv.exe"
exit /b 0

:try_uv
if not exist "%~1" exit /b 0
"%~1" --version >nul 2>&1 <nul
if not errorlevel 1 set "UV=%~1"
exit /b 0

:find_python
set "PYTHON="
for %%P in ("py -3.13" "py -3.12" "py -3.11" "python3" "python" "py -3") do if not defined PYTHON call :try_python %%~P
exit /b 0

:try_python
for /f "usebackq delims=" %%L in (`%* -I -c "import sys; sys.implementation.name == 'cpython' and (3, 11) <= sys.version_info[:2] < (%PYTHON_BELOW%) and print(sys.executable)" 2^>nul`) do set "PYTHON=%%L"
exit /b 0

rem Only the finished program is moved to where find_uv looks, so a start cut short, or two at once, leave nothing half made.
:bring_uv
>&2 echo ahp: uv is not on this machine; bringing a private copy into .tools (once).
set "BUILD=%TOOLS%\build-%RANDOM%%RANDOM%"
"%PYTHON%" -m venv "%BUILD%" <nul 1>&2
if errorlevel 1 (
    >&2 echo ahp: this Python could not make an environment for uv, see above. Install uv yourself and run the same command again.
    goto bring_uv_end
)
"%BUILD%\Scripts\python.exe" -m pip install --quiet --disable-pip-version-check --only-binary=uv "%UV_WANTED%" <nul 1>&2
if errorlevel 1 (
    >&2 echo ahp: uv could not be fetched, see above. The first start needs the network, once.
    >&2 echo ahp: Behind a proxy set HTTPS_PROXY; with a package mirror set PIP_INDEX_URL. Then run the same command again.
    goto bring_uv_end
)
if not exist "%TOOLS%\Scripts" mkdir "%TOOLS%\Scripts"
move /y "%BUILD%\Scripts\uv*.exe" "%TOOLS%\Scripts" >nul
call :find_uv
if not defined UV >&2 echo ahp: the private copy of uv in .tools does not run on this machine. Install uv yourself and run the same command again.
:bring_uv_end
if exist "%BUILD%" rmdir /s /q "%BUILD%"
exit /b 0
